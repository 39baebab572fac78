import { fork } from 'node:child_process';
import http from 'node:http';
http.createServer((req, res) => {
  const child = fork('./sum-worker.mjs');
  child.send({ upTo: 1e6 });
  child.once('message', (sum) => { res.end(String(sum)); child.kill(); });
}).listen(process.env.PORT || 3000);
