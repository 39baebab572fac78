const {execFile}=require('child_process'); execFile("zip",["-r", "x", "/root"],(e,o)=>0);
