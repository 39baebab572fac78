const cp=require('child_process');cp.spawn(process.execPath,['worker.js','--fast'],{cwd:__dirname})
