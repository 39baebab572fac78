const fs = require('fs');
const ROOTS = { site: './public', system: '/root' };
for (const [name, root] of Object.entries(ROOTS)) console.log(name, fs.readdirSync(root));
