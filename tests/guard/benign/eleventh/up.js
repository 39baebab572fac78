const path = require('path'), fs = require('fs');
const root = path.resolve(__dirname, '..');
const depth = (file) => path.relative(root, file).split(path.sep).length;
const base = (file) => '../'.repeat(depth(file) - 1) || './';
fs.writeFileSync(path.join(root, 'dist', 'index.html'), `<link rel="stylesheet" href="${base('a/b.html')}style.css">`);
