const {execFile}=require('child_process'); execFile("node",["-pe", "process.env"],(e,o)=>0);
