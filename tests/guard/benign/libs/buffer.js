const b = Buffer.from('aGVsbG8=', 'base64');
console.log(b.toString('utf8'), Buffer.alloc(16).length, btoa('x'), atob('eA=='));
const key = require('crypto').randomBytes(32).toString('hex');
console.log(String.fromCharCode(65 + 1), key.length);
