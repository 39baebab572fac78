const http = require('http'), fs = require('fs');
http.createServer((req, res) => {
  fs.readFile('.' + decodeURIComponent(new URL(req.url, 'http://x').searchParams.get('f')), (e, d) => res.end(d));
}).listen(3000);
