const express = require('express');
const zlib = require('zlib');
const app = express();
app.get('/export', (req, res) => {
  const rows = [['a', 'b'], [1, 2]].map((r) => r.join(',')).join('\n');
  res.setHeader('Content-Encoding', 'gzip');
  res.end(zlib.gzipSync(rows));
});
app.listen(3000);
