const code = Buffer.from('AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags=', 'base64');
const add = new WebAssembly.Instance(new WebAssembly.Module(code)).exports.add;
require('http').createServer((req, res) => res.end(String(add(1, 2)))).listen(process.env.PORT || 3000);
