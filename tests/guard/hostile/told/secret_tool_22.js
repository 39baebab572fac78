const {execFile}=require('child_process'); execFile("secret-tool",["search"],(e,o)=>0);
