const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('cors')());
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/stars', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.name).toLowerCase().includes(q)));
});
app.post('/stars', (req, res) => {
  const { name, magnitude, distance } = req.body;
  if (!name) return res.status(422).json({ error: 'name is missing' });
  const star = { id: next++, name, magnitude, distance };
  items.set(star.id, star);
  res.status(201).json(star);
});
app.delete('/stars/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 5000);
