const express = require('express');
const fs = require('fs');
const path = require('path');
const app = express();
const FILES = path.join(__dirname, 'files');
app.get('/files', (req, res) => res.json(fs.readdirSync(FILES)));
app.get('/files/:name', (req, res) => {
  const file = path.join(FILES, path.basename(req.params.name));
  if (!fs.existsSync(file)) return res.status(404).json({ error: 'not found' });
  res.download(file);
});
app.listen(3000);
