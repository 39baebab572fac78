const cluster = require('cluster'), os = require('os');
if (cluster.isPrimary) {
  const start = () => cluster.fork();
  os.cpus().forEach(start);
  cluster.on('online', (w) => console.log(`worker ${w.id} is up`));
  cluster.on('exit', (w) => { console.log('restart', w.id); start(); });
} else require('./server');
