const os = require('os');
const http = require('http');
http.createServer((req, res) => {
  if (req.url !== '/health') { res.statusCode = 404; return res.end(); }
  res.end(JSON.stringify({ uptime: process.uptime(), load: os.loadavg(), memory: process.memoryUsage().rss, host: os.hostname() }));
}).listen(8080);
process.on('SIGTERM', () => process.exit(0));
