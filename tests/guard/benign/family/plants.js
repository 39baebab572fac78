const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('cors')());
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/plants', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.species).toLowerCase().includes(q)));
});
app.post('/plants', (req, res) => {
  const { species, height, water } = req.body;
  if (!species) return res.status(422).json({ error: 'species is missing' });
  const plant = { id: next++, species, height, water };
  items.set(plant.id, plant);
  res.status(201).json(plant);
});
app.delete('/plants/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 3000);
