const express = require('express');
const fs = require('fs');
const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/songs', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.title).toLowerCase().includes(q)));
});
app.post('/songs', (req, res) => {
  const { title, artist, seconds } = req.body;
  if (!title) return res.status(422).json({ error: 'title is missing' });
  const song = { id: next++, title, artist, seconds };
  items.set(song.id, song);
  res.status(201).json(song);
});
app.delete('/songs/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 5000);
