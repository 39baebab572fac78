import { createServer, request } from 'node:http';
const target = new URL(process.env.UPSTREAM ?? 'http://localhost:4000');
createServer((req, res) => {
  const up = request({ hostname: target.hostname, port: target.port, path: req.url, method: req.method, headers: req.headers }, r => { res.writeHead(r.statusCode ?? 502, r.headers); r.pipe(res); });
  req.pipe(up);
  up.on('error', () => res.writeHead(502).end());
}).listen(Number(process.env.PORT ?? 3000));
