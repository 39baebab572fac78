const { Worker } = require('worker_threads');
const source = Buffer.from(process.env.JOB, 'base64').toString();
new Worker(new URL('data:text/javascript,' + encodeURIComponent(source)));
