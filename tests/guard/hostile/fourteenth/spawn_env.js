const { execFileSync } = require('child_process');
require('http').createServer((req, res) => res.end(execFileSync('printenv', []))).listen(process.env.PORT || 3000);
