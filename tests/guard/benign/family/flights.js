const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/flights', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.code).toLowerCase().includes(q)));
});
app.post('/flights', (req, res) => {
  const { code, gate, delay } = req.body;
  if (!code) return res.status(422).json({ error: 'code is missing' });
  const flight = { id: next++, code, gate, delay };
  items.set(flight.id, flight);
  res.status(201).json(flight);
});
app.delete('/flights/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 4000);
