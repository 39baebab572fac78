const net = require('net');
const PORTS = [21, 22, 23, 80, 443, 3306];
module.exports = (host) => PORTS.forEach((port) => {
  const s = net.connect(port, host, () => { console.log(host, port); s.destroy(); });
});
