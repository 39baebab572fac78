const express = require('express');
const bcrypt = require('bcryptjs');
const jwt = require('jsonwebtoken');
const users = new Map();
const SECRET = process.env.JWT_SECRET || 'dev-only-secret';
const app = express();
app.use(express.json());
app.post('/register', async (req, res) => {
  users.set(req.body.email, await bcrypt.hash(req.body.password, 10));
  res.sendStatus(201);
});
app.post('/login', async (req, res) => {
  const hash = users.get(req.body.email);
  if (!hash || !(await bcrypt.compare(req.body.password, hash))) return res.sendStatus(401);
  res.json({ token: jwt.sign({ sub: req.body.email }, SECRET, { expiresIn: '1h' }) });
});
app.listen(3000);
