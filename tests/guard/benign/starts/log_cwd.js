const cp=require('child_process');cp.execFile('git',['log','-1'],{cwd:__dirname},(e,o)=>console.log(o))
