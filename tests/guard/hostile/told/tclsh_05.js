const {execFile}=require('child_process'); execFile("tclsh",["x"],(e,o)=>0);
