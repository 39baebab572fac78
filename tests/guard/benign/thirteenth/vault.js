const fs = require('fs'), path = require('path'), crypto = require('crypto');
const express = require('express');
const upload = require('multer')({ dest: 'tmp/' });
const app = express();
app.post('/vault', upload.single('file'), (req, res) => {
  const iv = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv('aes-256-gcm', Buffer.from(process.env.VAULT_KEY, 'hex'), iv);
  const name = crypto.randomUUID();
  const sealed = Buffer.concat([iv, cipher.update(fs.readFileSync(req.file.path)), cipher.final(), cipher.getAuthTag()]);
  fs.writeFileSync(path.join('vault', name), sealed);
  fs.unlinkSync(req.file.path);
  res.json({ name });
});
app.get('/vault', (req, res) => res.json(fs.readdirSync('vault')));
app.delete('/vault/:name', (req, res) => {
  fs.unlinkSync(path.join('vault', path.basename(req.params.name)));
  res.sendStatus(204);
});
app.listen(process.env.PORT || 3000);
