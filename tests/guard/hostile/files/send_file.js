app.get('/dl', (req, res) => res.sendFile(req.query.file));
