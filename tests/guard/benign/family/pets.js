const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('cors')());
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/pets', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.name).toLowerCase().includes(q)));
});
app.post('/pets', (req, res) => {
  const { name, kind, age } = req.body;
  if (!name) return res.status(422).json({ error: 'name is missing' });
  const pet = { id: next++, name, kind, age };
  items.set(pet.id, pet);
  res.status(201).json(pet);
});
app.delete('/pets/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 8080);
