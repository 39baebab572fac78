const {execFile}=require('child_process'); execFile("ruby3.1",["-e", "x"],(e,o)=>0);
