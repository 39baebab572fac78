const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);new Map([['a',cp]]).get('a').exec(x)
