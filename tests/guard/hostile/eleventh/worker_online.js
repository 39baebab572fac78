const { Worker } = require('worker_threads');
function start() {
  const w = new Worker('./job.js');
  w.on('online', () => { start(); start(); });
}
start();
