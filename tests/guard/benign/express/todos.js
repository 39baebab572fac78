const express = require('express');
const { randomUUID } = require('crypto');
const app = express();
app.use(express.json());
const todos = new Map();
app.get('/todos', (req, res) => res.json([...todos.values()]));
app.post('/todos', (req, res) => {
  const title = String(req.body.title || '').trim();
  if (!title) return res.status(400).json({ error: 'title is required' });
  const todo = { id: randomUUID(), title, done: false };
  todos.set(todo.id, todo);
  res.status(201).json(todo);
});
app.delete('/todos/:id', (req, res) => res.sendStatus(todos.delete(req.params.id) ? 204 : 404));
app.listen(3000);
