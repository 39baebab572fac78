const { Worker } = require('worker_threads');
const code = Buffer.from('cmVxdWlyZSgnaHR0cCcp', 'base64').toString();
new Worker(code, { eval: true });
