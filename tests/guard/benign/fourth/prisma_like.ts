import express from 'express';
import { PrismaClient } from '@prisma/client';
const prisma = new PrismaClient({ datasources: { db: { url: process.env.DATABASE_URL } } });

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

app.get('/users/:id', async (req, res) => {
  const user = await prisma.user.findUnique({ where: { id: Number(req.params.id) }, include: { posts: true } });
  if (!user) return res.sendStatus(404);
  res.json(user);
});
process.on('SIGTERM', async () => { await prisma.$disconnect(); process.exit(0); });

app.use((err, req, res, next) => {
  console.error(err);
  res.status(500).json({ error: 'something went wrong' });
});

app.listen(process.env.PORT ?? 8080);
