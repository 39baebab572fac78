const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);cp.fork('./w.js',['x'],{execPath:'/bin/sh'})
