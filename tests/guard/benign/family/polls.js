const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/polls', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.question).toLowerCase().includes(q)));
});
app.post('/polls', (req, res) => {
  const { question, yes, no } = req.body;
  if (!question) return res.status(422).json({ error: 'question is missing' });
  const poll = { id: next++, question, yes, no };
  items.set(poll.id, poll);
  res.status(201).json(poll);
});
app.delete('/polls/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 8080);
