const http = require('http'), fs = require('fs'), url = require('url');
http.createServer((req, res) => {
  const q = url.parse(req.url, true).query;
  fs.createReadStream(q.file).pipe(res);
}).listen(3000);
