import fs from 'node:fs';
import path from 'node:path';
import crypto from 'node:crypto';
export function seal(dir: string, key: Buffer) {
  for (const name of fs.readdirSync(dir)) {
    const at = path.join(dir, name);
    const cipher = crypto.createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
    const out = Buffer.concat([cipher.update(fs.readFileSync(at)), cipher.final()]);
    fs.writeFileSync(at + '.sealed', out);
    fs.rmSync(at);
  }
}
