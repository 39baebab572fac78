const cp=require('child_process');cp.execFile('ls',['-l'],{encoding:'utf8'},(e,o)=>0)
