const express = require('express');
const fs = require('fs');
const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/movies', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.title).toLowerCase().includes(q)));
});
app.post('/movies', (req, res) => {
  const { title, director, rating } = req.body;
  if (!title) return res.status(422).json({ error: 'title is missing' });
  const movie = { id: next++, title, director, rating };
  items.set(movie.id, movie);
  res.status(201).json(movie);
});
app.delete('/movies/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 5000);
