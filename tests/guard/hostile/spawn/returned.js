function tools() { return require('child_process'); }
app.get('/ping', (req, res) => tools().exec('ping -c 1 ' + req.query.host, (e, o) => res.send(o)));
