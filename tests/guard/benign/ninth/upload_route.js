const multer = require('multer');
const path = require('path');
const crypto = require('crypto');
const storage = multer.diskStorage({ destination: path.join(__dirname, 'uploads'), filename: (req, file, cb) => cb(null, crypto.randomUUID() + path.extname(file.originalname)) });
const upload = multer({ storage, limits: { fileSize: 5e6 } });
module.exports = (app) => app.post('/upload', upload.single('file'), (req, res) => res.json({ name: req.file.filename }));
