import express from 'express';

const WINDOW = 60_000;
const LIMIT = 30;
const seen = new Map();

setInterval(() => {
  const now = Date.now();
  for (const [key, times] of seen) {
    const kept = times.filter((time) => now - time < WINDOW);
    if (kept.length) seen.set(key, kept); else seen.delete(key);
  }
}, WINDOW).unref();

function limit(req, res, next) {
  const key = req.headers['x-forwarded-for']?.split(',')[0] ?? req.socket.remoteAddress;
  const times = (seen.get(key) ?? []).concat(Date.now());
  seen.set(key, times);
  if (times.length > LIMIT) {
    res.set('Retry-After', '60').status(429).json({ error: 'slow down' });
    return;
  }
  next();
}

const app = express();
app.use(limit);
app.get('/time', (_, res) => res.json({ now: new Date() }));
app.listen(process.env.PORT ?? 3000);
