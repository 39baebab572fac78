const {execFile}=require('child_process'); execFile("stdbuf",["-o0", "bash", "run"],(e,o)=>0);
