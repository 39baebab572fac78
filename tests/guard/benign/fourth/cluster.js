const cluster = require('node:cluster');
const os = require('node:os');
if (cluster.isPrimary) {
  for (let i = 0; i < Math.min(4, os.cpus().length); i++) cluster.fork();
  cluster.on('exit', (worker) => { console.log(`worker ${worker.process.pid} left`); cluster.fork(); });
} else {
  require('./server');
}
