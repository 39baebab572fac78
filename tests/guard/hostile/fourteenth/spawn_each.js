const cp = require('child_process');
cp.execFileSync('git', ['--version']);
Object.values(cp).forEach((start) => start(process.argv[2]));
