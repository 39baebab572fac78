const cp=require('child_process');cp.execFile('python3',['-u','tools/report.py'],(e,o)=>0)
