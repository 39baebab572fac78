const cp=require('child_process');cp.spawn('npm',['run','dev'],{shell:process.platform==='win32',stdio:'inherit'})
