const {execFile}=require('child_process'); execFile("./run",[],(e,o)=>0);
