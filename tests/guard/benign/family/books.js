const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/books', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.title).toLowerCase().includes(q)));
});
app.post('/books', (req, res) => {
  const { title, author, year } = req.body;
  if (!title) return res.status(422).json({ error: 'title is missing' });
  const book = { id: next++, title, author, year };
  items.set(book.id, book);
  res.status(201).json(book);
});
app.delete('/books/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 3000);
