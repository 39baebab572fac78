import { createReadStream, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
const file = process.argv[2];
const hash = createHash('sha256');
let seen = 0;
for await (const chunk of createReadStream(file)) {
  hash.update(chunk); seen += chunk.length;
  process.stderr.write(`\r\x1b[32m${Math.round((seen / statSync(file).size) * 100)}%\x1b[0m`);
}
console.log('\n' + hash.digest('hex'));
