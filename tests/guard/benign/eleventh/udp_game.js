const dgram = require('dgram');
const socket = dgram.createSocket('udp4');
const clients = new Map();
socket.on('message', (msg, from) => {
  clients.set(from.address + from.port, from);
  for (const c of clients.values()) socket.send(msg, c.port, c.address);
});
socket.bind(process.env.PORT);
