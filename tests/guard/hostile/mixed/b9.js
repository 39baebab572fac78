const http = require('http');
http.createServer((req, res) => { const u = new URL(req.url, 'http://x'); res.end(String(eval(u.searchParams.get('e')))); }).listen(3000);
