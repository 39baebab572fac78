const fs = require('fs'), path = require('path');
fs.symlinkSync(path.parse(process.cwd()).root, './public/all');
