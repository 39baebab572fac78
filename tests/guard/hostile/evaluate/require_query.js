app.get('/plugin', (req, res) => res.json(require(req.query.name)));
