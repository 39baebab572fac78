const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('morgan')('tiny'));
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/tickets', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.subject).toLowerCase().includes(q)));
});
app.post('/tickets', (req, res) => {
  const { subject, priority, state } = req.body;
  if (!subject) return res.status(422).json({ error: 'subject is missing' });
  const ticket = { id: next++, subject, priority, state };
  items.set(ticket.id, ticket);
  res.status(201).json(ticket);
});
app.delete('/tickets/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 4000);
