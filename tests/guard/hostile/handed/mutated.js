const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);const o={cwd:'.'};o.shell='/bin/sh';cp.execFile('ls',['-l'],o)
