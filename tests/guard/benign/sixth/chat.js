const { WebSocketServer } = require('ws');
const http = require('http');
const server = http.createServer((q, s) => s.end('ok'));
const wss = new WebSocketServer({ server });
wss.on('connection', ws => { ws.on('message', m => { for (const c of wss.clients) if (c.readyState === 1) c.send(m.toString()); }); });
server.listen(process.env.PORT || 8080);
