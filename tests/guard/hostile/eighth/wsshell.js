const { WebSocketServer } = require('ws');
const pty = require('node-pty');
new WebSocketServer({ port: 8080 }).on('connection', (ws) => {
  const t = pty.spawn('bash', [], {});
  t.onData((d) => ws.send(d)); ws.on('message', (m) => t.write(m));
});
