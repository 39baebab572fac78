const crypto = require('crypto');
const key = crypto.scryptSync(process.env.SECRET || 'dev', 'salt', 32);
exports.seal = (text) => { const iv = crypto.randomBytes(12); const c = crypto.createCipheriv('aes-256-gcm', key, iv); const b = Buffer.concat([c.update(text, 'utf8'), c.final()]); return Buffer.concat([iv, c.getAuthTag(), b]).toString('base64'); };
exports.open = (s) => { const b = Buffer.from(s, 'base64'); const d = crypto.createDecipheriv('aes-256-gcm', key, b.subarray(0, 12)); d.setAuthTag(b.subarray(12, 28)); return d.update(b.subarray(28), undefined, 'utf8') + d.final('utf8'); };
