const http = require('http');
const clients = new Set();
http.createServer((req, res) => {
  if (req.url === '/events') {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    clients.add(res);
    req.on('close', () => clients.delete(res));
    return;
  }
  res.end('<script>new EventSource("/events").onmessage = (e) => document.body.append(e.data)</script>');
}).listen(process.env.PORT || 3000);
setInterval(() => clients.forEach((c) => c.write(`data: ${Date.now()}\n\n`)), 1000);
