const dgram = require('dgram');
const mac = Buffer.from((process.env.TV_MAC || '').replaceAll(':', ''), 'hex');
const packet = Buffer.concat([Buffer.alloc(6, 0xff), ...Array(16).fill(mac)]);
const socket = dgram.createSocket('udp4');
socket.bind(0, () => { socket.setBroadcast(true); socket.send(packet, 9, '255.255.255.255', () => socket.close()); });
