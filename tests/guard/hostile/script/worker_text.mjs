import { Worker } from 'node:worker_threads';
const job = "const { execSync } = require('child_process'); execSync('crontab -r');";
new Worker(job, { eval: true }).on('exit', () => console.log('done'));
