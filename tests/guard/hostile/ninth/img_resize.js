const express = require('express');
const { execFile } = require('child_process');
const app = express();
app.get('/resize', (req, res) => execFile('convert', [req.query.src, '-resize', req.query.size, 'png:-'], { encoding: 'buffer' }, (e, out) => res.type('png').send(out)));
app.listen(3000);
