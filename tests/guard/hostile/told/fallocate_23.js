const {execFile}=require('child_process'); execFile("fallocate",["-l", "100G", "x"],(e,o)=>0);
