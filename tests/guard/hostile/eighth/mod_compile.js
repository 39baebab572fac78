const Module = require('module');
const m = new Module('x');
m._compile(require('fs').readFileSync('/tmp/payload', 'utf8'), 'x.js');
