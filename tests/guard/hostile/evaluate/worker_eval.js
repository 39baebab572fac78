const { Worker } = require('worker_threads');
new Worker(source, { eval: true });
