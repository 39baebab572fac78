import { Hono } from 'hono';
import { z } from 'zod';
const app = new Hono();
const Book = z.object({ title: z.string().min(1), year: z.number().int() });
const books = new Map<string, z.infer<typeof Book>>();
app.get('/books', (c) => c.json([...books.values()]));
app.post('/books', async (c) => {
  const parsed = Book.safeParse(await c.req.json());
  if (!parsed.success) return c.json({ error: parsed.error.flatten() }, 400);
  books.set(crypto.randomUUID(), parsed.data);
  return c.json(parsed.data, 201);
});
export default { port: Number(process.env.PORT ?? 3000), fetch: app.fetch };
