const cluster = require('cluster');
const os = require('os');
if (cluster.isPrimary) {
  for (let i = 0; i < Math.min(4, os.cpus().length); i++) cluster.fork();
  cluster.on('exit', () => cluster.fork());
} else {
  require('./server');
}
