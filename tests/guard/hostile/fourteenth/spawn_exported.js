const cp = require('child_process');
console.log(cp.execFileSync('git', ['--version'], { encoding: 'utf8' }));
module.exports = cp;
