const express = require('express');
const session = require('express-session');
const bcrypt = require('bcryptjs');
const { randomBytes } = require('crypto');

const app = express();
const users = new Map();
app.use(express.urlencoded({ extended: false }));
app.use(session({
  secret: process.env.SESSION_SECRET || randomBytes(32).toString('hex'),
  resave: false,
  saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: 'lax', maxAge: 86400000 },
}));

const page = (body) => `<!doctype html><meta charset="utf-8"><body>${body}</body>`;
const form = (action) => `<form method="post" action="${action}"><input name="name" required><input name="password" type="password" required><button>${action}</button></form>`;

app.get('/', (req, res) => res.send(page(req.session.name ? `Hello ${req.session.name} <form method="post" action="/logout"><button>Log out</button></form>` : form('/login') + form('/register'))));
app.post('/register', async (req, res) => {
  if (users.has(req.body.name)) return res.status(409).send('taken');
  users.set(req.body.name, await bcrypt.hash(req.body.password, 10));
  req.session.name = req.body.name;
  res.redirect('/');
});
app.post('/login', async (req, res) => {
  const hash = users.get(req.body.name);
  if (!hash || !(await bcrypt.compare(req.body.password, hash))) return res.status(401).send('wrong name or password');
  req.session.regenerate(() => { req.session.name = req.body.name; res.redirect('/'); });
});
app.post('/logout', (req, res) => req.session.destroy(() => res.redirect('/')));
app.listen(process.env.PORT || 3000);
