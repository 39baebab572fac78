import express from 'express';
import { createHash, randomUUID } from 'node:crypto';
import { writeFile, mkdir } from 'node:fs/promises';
import path from 'node:path';

const app = express();
app.use(express.json({ limit: '2mb' }));
app.use('/avatars', express.static('avatars'));

const PIXEL = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const DATA_URL = /^data:image\/(png|jpeg|webp);base64,([A-Za-z0-9+/=]+)$/;
const MAGIC = { png: '89504e47', jpeg: 'ffd8ff', webp: '52494646' };

app.get('/api/default', (_req, res) => res.json({ image: PIXEL }));

app.post('/api/avatar', async (req, res) => {
  const m = DATA_URL.exec(req.body.image ?? '');
  if (!m) return res.status(400).json({ error: 'not an image' });
  const [, kind, b64] = m;
  const bytes = Buffer.from(b64, 'base64');
  if (!bytes.subarray(0, 8).toString('hex').startsWith(MAGIC[kind])) {
    return res.status(415).json({ error: 'content does not match type' });
  }
  const name = `${randomUUID()}.${kind}`;
  await mkdir('avatars', { recursive: true });
  await writeFile(path.join('avatars', name), bytes);
  res.status(201).json({ url: `/avatars/${name}`, etag: createHash('md5').update(bytes).digest('hex') });
});

app.get('/api/gravatar', (req, res) => {
  const email = String(req.query.email ?? '').trim().toLowerCase();
  const hash = createHash('md5').update(email).digest('hex');
  res.redirect(`https://www.gravatar.com/avatar/${hash}?d=identicon&s=160`);
});

app.listen(process.env.PORT || 3000);
