import express from 'express';
import { runInNewContext } from 'node:vm';

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

app.post('/score-rule', (req, res) => res.json(runInNewContext(req.body.rule, { scores })));

app.use((err, req, res, next) => {
  console.error(err);
  res.status(500).json({ error: 'something went wrong' });
});

app.listen(process.env.PORT ?? 8080);
