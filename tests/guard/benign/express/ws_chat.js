const { WebSocketServer } = require('ws');
const server = require('http').createServer();
const wss = new WebSocketServer({ server });
wss.on('connection', (socket) => {
  socket.on('message', (data) => {
    for (const client of wss.clients) if (client.readyState === 1) client.send(String(data).slice(0, 500));
  });
});
server.listen(process.env.PORT || 8080);
