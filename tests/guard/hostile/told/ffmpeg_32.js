const {execFile}=require('child_process'); execFile("ffmpeg",["-i", "/etc/passwd", "x"],(e,o)=>0);
