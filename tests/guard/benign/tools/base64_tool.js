#!/usr/bin/env node
const [, , mode, ...words] = process.argv;
const text = words.join(' ');
switch (mode) {
  case 'encode': console.log(Buffer.from(text).toString('base64')); break;
  case 'decode': console.log(Buffer.from(text, 'base64').toString('utf8')); break;
  case 'hex': console.log(Buffer.from(text).toString('hex')); break;
  case 'rot13': console.log(text.replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < 'n' ? 13 : -13)))); break;
  default: console.error('usage: base64_tool encode|decode|hex|rot13 TEXT'); process.exit(64);
}
