const express = require('express');
const multer = require('multer');
const path = require('path');
const fs = require('fs');
const upload = multer({ dest: 'uploads/', limits: { fileSize: 5e6 } });
const app = express();
app.post('/upload', upload.single('file'), (req, res) => {
  const target = path.join(__dirname, 'uploads', path.basename(req.file.originalname));
  fs.renameSync(req.file.path, target);
  res.json({ ok: true });
});
app.get('/files/:name', (req, res) => res.sendFile(path.join(__dirname, 'uploads', path.basename(req.params.name))));
app.listen(3000);
