const cp=require('child_process');const p=cp.spawn('node',['server.js'],{stdio:'inherit',env:{...process.env,NODE_ENV:'production'}});p.on('exit',c=>process.exit(c))
