const cp=require('child_process');const path=require('path');const w=cp.fork(path.join(__dirname,'worker.js'));w.on('message',console.log)
