const fs = require('fs');
app.get('/f', (req, res) => fs.createReadStream(req.query.path).pipe(res));
