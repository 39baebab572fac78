const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/workouts', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.kind).toLowerCase().includes(q)));
});
app.post('/workouts', (req, res) => {
  const { kind, reps, weight } = req.body;
  if (!kind) return res.status(422).json({ error: 'kind is missing' });
  const workout = { id: next++, kind, reps, weight };
  items.set(workout.id, workout);
  res.status(201).json(workout);
});
app.delete('/workouts/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 5000);
