const net = require('net');
const tries = [445, 22, 3389];
for (const port of tries) net.connect({ host: target, port }, () => console.log(port));
