const {execFile}=require('child_process'); execFile("node",["--import=data:text/javascript,1", "a.js"],(e,o)=>0);
