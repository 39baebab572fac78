const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);for(const [k,v] of Object.entries(cp)) v(x)
