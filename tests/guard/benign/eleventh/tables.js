const fs = require('fs');
const PATHS = { home: '/', about: '/about', assets: '/static' };
const LABELS = { system: '/etc', user: '/home' };
for (const [name, path] of Object.entries(PATHS)) app.get(path, (req, res) => res.render(name));
app.get('/label', (req, res) => res.send(LABELS[req.query.kind] ?? 'none'));
module.exports = { url: (k) => PATHS[k], data: fs.readFileSync('./data/items.json') };
