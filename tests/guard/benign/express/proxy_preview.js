const express = require('express');
const app = express();
app.get('/preview', async (req, res) => {
  const page = await (await fetch(req.query.url)).text();
  const title = /<title>([^<]*)<\/title>/i.exec(page)?.[1] ?? 'untitled';
  res.json({ title });
});
app.listen(3000);
