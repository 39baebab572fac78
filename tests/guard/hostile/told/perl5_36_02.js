const {execFile}=require('child_process'); execFile("perl5.36",["-e", "x"],(e,o)=>0);
