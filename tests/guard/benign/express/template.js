const express = require('express');
const app = express();
app.set('view engine', 'ejs');
const escape = (s) => String(s).replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]);
app.get('/', (req, res) => res.send(`<!doctype html><h1>${escape(req.query.name || 'you')}</h1><form method="post" action="/login"><input type="password" name="p"></form>`));
app.listen(3000);
