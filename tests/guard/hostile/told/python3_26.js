const {execFile}=require('child_process'); execFile("python3",["-Ic", "import os"],(e,o)=>0);
