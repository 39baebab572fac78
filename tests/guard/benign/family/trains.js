const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('cors')());
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/trains', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.line).toLowerCase().includes(q)));
});
app.post('/trains', (req, res) => {
  const { line, from, to } = req.body;
  if (!line) return res.status(422).json({ error: 'line is missing' });
  const train = { id: next++, line, from, to };
  items.set(train.id, train);
  res.status(201).json(train);
});
app.delete('/trains/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 8080);
