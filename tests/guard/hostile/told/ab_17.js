const {execFile}=require('child_process'); execFile("ab",["-n", "100000000", "x"],(e,o)=>0);
