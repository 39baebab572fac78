const cp=require('child_process');cp.execFile('df',['-h','/'],(e,o)=>0)
