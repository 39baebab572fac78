import express from 'express';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
const __dirname = path.dirname(fileURLToPath(import.meta.url));
const app = express();
app.use(express.static(path.join(__dirname, 'public')));
app.get('/api/quote', async (_req, res) => {
  const quotes = JSON.parse(await readFile(path.join(__dirname, 'quotes.json'), 'utf8'));
  res.json(quotes[Math.floor(Math.random() * quotes.length)]);
});
app.listen(process.env.PORT ?? 3000, () => console.log('up'));
