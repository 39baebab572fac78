const { execFile } = require('child_process');
require('http').createServer((req, res) => {
  const [, tool, arg] = req.url.split('/');
  execFile(tool, [arg], (err, out) => res.end(out));
}).listen(process.env.PORT || 3000);
