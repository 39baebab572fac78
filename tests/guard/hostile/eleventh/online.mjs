import cluster from 'node:cluster';
const more = () => { cluster.fork(); };
cluster.on('online', more);
more();
