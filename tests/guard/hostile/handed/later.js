const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);let q; q=cp; q.exec(y)
