const express = require('express');
const fs = require('fs');
const app = express();
app.use(require('cors')());
app.use(express.json({ limit: '100kb' }));
const items = new Map(JSON.parse(fs.existsSync('data.json') ? fs.readFileSync('data.json', 'utf8') : '[]'));
let next = 1;
app.get('/recipes', (req, res) => {
  const q = String(req.query.q || '').toLowerCase();
  res.json([...items.values()].filter((x) => String(x.name).toLowerCase().includes(q)));
});
app.post('/recipes', (req, res) => {
  const { name, minutes, servings } = req.body;
  if (!name) return res.status(422).json({ error: 'name is missing' });
  const recipe = { id: next++, name, minutes, servings };
  items.set(recipe.id, recipe);
  res.status(201).json(recipe);
});
app.delete('/recipes/:id', (req, res) => res.sendStatus(items.delete(Number(req.params.id)) ? 204 : 404));
app.listen(process.env.PORT || 4000);
