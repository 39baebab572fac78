const cp=require('child_process');const path=require('path');cp.fork(path.join(process.env.X,'w.js'))
