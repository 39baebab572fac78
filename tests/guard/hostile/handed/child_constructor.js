const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);const p=cp.spawn('ls',['-l']);new p.constructor().spawn({file:'/bin/sh',args:['sh']})
