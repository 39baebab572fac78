const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);const a=['log'];a.push('-c');cp.execFile('git',a)
