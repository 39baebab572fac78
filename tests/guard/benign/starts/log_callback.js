const cp=require('child_process');cp.execFile('git',['rev-parse','HEAD'],done);function done(e,o){console.log(o)}
