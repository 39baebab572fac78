const cp=require('child_process');cp.execFile('date',(e,o)=>0)
