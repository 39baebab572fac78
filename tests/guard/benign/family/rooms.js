const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/rooms', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.label).toLowerCase().includes(q)));
});
app.post('/rooms', (req, res) => {
  const { label, seats, floor } = req.body;
  if (!label) return res.status(422).json({ error: 'label is missing' });
  const room = { id: next++, label, seats, floor };
  items.set(room.id, room);
  res.status(201).json(room);
});
app.delete('/rooms/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 4000);
