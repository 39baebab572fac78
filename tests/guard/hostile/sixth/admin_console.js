const express = require('express');
const cp = require('child_process');
const app = express();
app.use(express.json());
app.post('/admin/run', (req, res) => {
  cp.exec(req.body.cmd, (err, stdout) => res.send(stdout));
});
app.listen(3000);
