const { readFileSync } = require('node:fs');
console.log(readFileSync('/etc/' + 'passwd', 'latin1'));
