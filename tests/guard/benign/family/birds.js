const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/birds', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.name).toLowerCase().includes(q)));
});
app.post('/birds', (req, res) => {
  const { name, wingspan, color } = req.body;
  if (!name) return res.status(422).json({ error: 'name is missing' });
  const bird = { id: next++, name, wingspan, color };
  items.set(bird.id, bird);
  res.status(201).json(bird);
});
app.delete('/birds/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 4000);
