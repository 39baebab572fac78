const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/invoices', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.number).toLowerCase().includes(q)));
});
app.post('/invoices', (req, res) => {
  const { number, total, due } = req.body;
  if (!number) return res.status(422).json({ error: 'number is missing' });
  const invoice = { id: next++, number, total, due };
  items.set(invoice.id, invoice);
  res.status(201).json(invoice);
});
app.delete('/invoices/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 3000);
