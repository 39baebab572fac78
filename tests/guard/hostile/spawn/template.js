const a = 'child', b = 'process';
const c = require(`${a}_${b}`);
c.exec('id');
