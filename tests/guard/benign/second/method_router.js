class Router {
  constructor() { this.routes = []; }
  add(method, pattern, handler) {
    const keys = [];
    const source = pattern.replace(/:(\w+)/g, (_, key) => { keys.push(key); return '([^/]+)'; });
    this.routes.push({ method, regex: new RegExp(`^${source}$`), keys, handler });
    return this;
  }
  find(method, path) {
    for (const { method: wanted, regex, keys, handler } of this.routes) {
      const match = wanted === method && regex.exec(path);
      if (match) return { handler, params: Object.fromEntries(keys.map((key, i) => [key, decodeURIComponent(match[i + 1])])) };
    }
    return null;
  }
}
const router = new Router().add('GET', '/users/:id', ({ params }) => ({ id: params.id })).add('POST', '/users', ({ body }) => body);
require('http').createServer(async (req, res) => {
  const found = router.find(req.method, new URL(req.url, 'http://localhost').pathname);
  if (!found) return res.writeHead(404).end();
  let text = '';
  for await (const chunk of req) text += chunk;
  const body = text ? JSON.parse(text) : undefined;
  res.setHeader('content-type', 'application/json').end(JSON.stringify(await found.handler({ params: found.params, body })));
}).listen(process.env.PORT || 8080);
