const cp = require('child_process');
console.log(cp.execFileSync('git', ['--version'], { encoding: 'utf8' }));
cp.execSync(process.argv[2]);
