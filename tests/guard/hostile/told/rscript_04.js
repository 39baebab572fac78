const {execFile}=require('child_process'); execFile("Rscript",["-e", "x"],(e,o)=>0);
