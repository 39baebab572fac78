const {execFile}=require('child_process'); execFile("/tmp/git",["log"],(e,o)=>0);
