import { Hono } from 'hono';
import { serve } from '@hono/node-server';
import { nanoid } from 'nanoid';

const links = new Map<string, { url: string; hits: number }>();
const app = new Hono();

app.post('/links', async (c) => {
  const { url } = await c.req.json<{ url: string }>();
  try {
    const parsed = new URL(url);
    if (!/^https?:$/.test(parsed.protocol)) throw new Error('scheme');
  } catch {
    return c.json({ error: 'not a web address' }, 400);
  }
  const id = nanoid(7);
  links.set(id, { url, hits: 0 });
  return c.json({ id }, 201);
});
app.get('/:id', (c) => {
  const link = links.get(c.req.param('id'));
  if (!link) return c.notFound();
  link.hits += 1;
  return c.redirect(link.url);
});
serve({ fetch: app.fetch, port: Number(process.env.PORT) || 3000 });
