import Fastify from 'fastify';
import cors from '@fastify/cors';

interface Product { id: number; name: string; price: number }

const server = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'info' } });
await server.register(cors, { origin: true });

const products: Product[] = [
  { id: 1, name: 'Pen', price: 1.2 },
  { id: 2, name: 'Ink', price: 6.5 },
];

server.get<{ Querystring: { q?: string } }>('/products', async (request) => {
  const q = request.query.q?.toLowerCase() ?? '';
  return products.filter((product) => product.name.toLowerCase().includes(q));
});

server.get<{ Params: { id: string } }>('/products/:id', async (request, reply) => {
  const found = products.find((product) => product.id === Number(request.params.id));
  return found ?? reply.code(404).send({ error: 'not found' });
});

server.addHook('onClose', async () => server.log.info('bye'));
const port = Number(process.env.PORT ?? 3000);
server.listen({ port, host: '0.0.0.0' }).catch((error) => {
  server.log.error(error);
  process.exit(1);
});
