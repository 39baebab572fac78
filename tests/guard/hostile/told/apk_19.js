const {execFile}=require('child_process'); execFile("apk",["add", "x"],(e,o)=>0);
