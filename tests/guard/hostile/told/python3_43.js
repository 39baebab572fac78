const {execFile}=require('child_process'); execFile("python3",[],(e,o)=>0);
