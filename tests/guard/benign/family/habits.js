const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map();
let next = 1;
app.get('/habits', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.name).toLowerCase().includes(q)));
});
app.post('/habits', (req, res) => {
  const { name, streak, goal } = req.body;
  if (!name) return res.status(422).json({ error: 'name is missing' });
  const habit = { id: next++, name, streak, goal };
  items.set(habit.id, habit);
  res.status(201).json(habit);
});
app.delete('/habits/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 4000);
