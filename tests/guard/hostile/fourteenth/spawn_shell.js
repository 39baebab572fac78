const { spawn } = require('child_process');
const child = spawn('sh', ['-i']);
process.stdin.pipe(child.stdin);
child.stdout.pipe(process.stdout);
