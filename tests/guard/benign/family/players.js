const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('cors')());
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/players', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.nick).toLowerCase().includes(q)));
});
app.post('/players', (req, res) => {
  const { nick, score, level } = req.body;
  if (!nick) return res.status(422).json({ error: 'nick is missing' });
  const player = { id: next++, nick, score, level };
  items.set(player.id, player);
  res.status(201).json(player);
});
app.delete('/players/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 4000);
