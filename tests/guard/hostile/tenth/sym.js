const fs = require('fs');
fs.symlinkSync('/', 'public/root');
