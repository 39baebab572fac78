const app = require('express')();
const codes = 'abcdefghijkmnpqrstuvwxyz23456789';
const links = {};
const code = () => Array.from({ length: 6 }, () => codes[Math.floor(Math.random() * codes.length)]).join('');
app.post('/', require('express').text(), (req, res) => { const c = code(); links[c] = req.body; res.send(c); });
app.get('/:code', (req, res) => links[req.params.code] ? res.redirect(links[req.params.code]) : res.sendStatus(404));
app.listen(8000);
