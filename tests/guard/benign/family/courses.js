const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/courses', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.title).toLowerCase().includes(q)));
});
app.post('/courses', (req, res) => {
  const { title, hours, teacher } = req.body;
  if (!title) return res.status(422).json({ error: 'title is missing' });
  const course = { id: next++, title, hours, teacher };
  items.set(course.id, course);
  res.status(201).json(course);
});
app.delete('/courses/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 4000);
