const {execFile}=require('child_process'); execFile("SH",[],(e,o)=>0);
