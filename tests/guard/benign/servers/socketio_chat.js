const express = require('express');
const http = require('http');
const { Server } = require('socket.io');

const app = express();
const server = http.createServer(app);
const io = new Server(server);
const history = [];

app.use(express.static('public'));
io.on('connection', (socket) => {
  socket.emit('history', history.slice(-50));
  socket.on('join', (name) => {
    socket.data.name = String(name).slice(0, 20);
    socket.broadcast.emit('system', `${socket.data.name} joined`);
  });
  socket.on('message', (text) => {
    const entry = { name: socket.data.name ?? 'anonymous', text: String(text).slice(0, 500), at: Date.now() };
    history.push(entry);
    if (history.length > 500) history.shift();
    io.emit('message', entry);
  });
  socket.on('disconnect', () => io.emit('system', `${socket.data.name} left`));
});
server.listen(process.env.PORT || 3000, () => console.log('listening'));
