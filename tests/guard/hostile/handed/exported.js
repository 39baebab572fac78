const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);exports.run=cp.execFile
