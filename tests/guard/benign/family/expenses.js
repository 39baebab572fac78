const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/expenses', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.label).toLowerCase().includes(q)));
});
app.post('/expenses', (req, res) => {
  const { label, amount, day } = req.body;
  if (!label) return res.status(422).json({ error: 'label is missing' });
  const expense = { id: next++, label, amount, day };
  items.set(expense.id, expense);
  res.status(201).json(expense);
});
app.delete('/expenses/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 3000);
