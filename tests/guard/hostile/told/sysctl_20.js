const {execFile}=require('child_process'); execFile("sysctl",["-w", "x"],(e,o)=>0);
