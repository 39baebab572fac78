const express = require('express');
const fs = require('fs');
const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/citys', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.name).toLowerCase().includes(q)));
});
app.post('/citys', (req, res) => {
  const { name, country, people } = req.body;
  if (!name) return res.status(422).json({ error: 'name is missing' });
  const city = { id: next++, name, country, people };
  items.set(city.id, city);
  res.status(201).json(city);
});
app.delete('/citys/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 3000);
