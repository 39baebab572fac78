import express from 'express';


const app = express();
app.use(express.json());

const scores = new Map();

app.get('/scores', (req, res) => {
  res.json([...scores].map(([name, points]) => ({ name, points })).sort((a, b) => b.points - a.points));
});

app.put('/scores/:name', (req, res) => {
  const points = Number.parseInt(req.body.points, 10);
  if (Number.isNaN(points)) return res.status(422).end();
  scores.set(req.params.name, points);
  res.json({ name: req.params.name, points });
});

app.post('/ask', async (req, res) => {
  const r = await fetch('https://api.anthropic.com/v1/messages', {
    method: 'POST',
    headers: { 'x-api-key': process.env.ANTHROPIC_API_KEY, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 500, messages: req.body.messages }),
  });
  res.json(await r.json());
});

app.use((err, req, res, next) => {
  console.error(err);
  res.status(500).json({ error: 'something went wrong' });
});

app.listen(process.env.PORT ?? 8080);
