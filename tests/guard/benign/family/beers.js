const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('cors')());
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/beers', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.name).toLowerCase().includes(q)));
});
app.post('/beers', (req, res) => {
  const { name, style, abv } = req.body;
  if (!name) return res.status(422).json({ error: 'name is missing' });
  const beer = { id: next++, name, style, abv };
  items.set(beer.id, beer);
  res.status(201).json(beer);
});
app.delete('/beers/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 8080);
