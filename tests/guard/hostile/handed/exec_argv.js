const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);cp.fork('./worker.js',[],{execArgv:['-e','1']})
