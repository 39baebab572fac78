import { randomUUID } from 'node:crypto';
import { createServer, IncomingMessage } from 'node:http';

type Job = { id: string; kind: string; state: 'waiting' | 'running' | 'done' | 'failed'; result?: unknown };
const jobs = new Map<string, Job>();
const queue: Job[] = [];
const handlers: Record<string, () => Promise<unknown>> = {
  sum: async () => Array.from({ length: 1000 }, (_, i) => i).reduce((a, b) => a + b, 0),
  wait: () => new Promise((resolve) => setTimeout(() => resolve('waited'), 200)),
};

async function work(): Promise<void> {
  for (;;) {
    const job = queue.shift();
    if (!job) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    job.state = 'running';
    try {
      job.result = await handlers[job.kind]();
      job.state = 'done';
    } catch {
      job.state = 'failed';
    }
  }
}

const read = async (request: IncomingMessage) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text || '{}') as { kind?: string };
};

createServer(async (request, response) => {
  if (request.method === 'POST') {
    const { kind = 'sum' } = await read(request);
    if (!(kind in handlers)) return void response.writeHead(400).end();
    const job: Job = { id: randomUUID(), kind, state: 'waiting' };
    jobs.set(job.id, job);
    queue.push(job);
    return void response.writeHead(202).end(JSON.stringify(job));
  }
  const job = jobs.get((request.url ?? '').slice(1));
  response.writeHead(job ? 200 : 404).end(JSON.stringify(job ?? null));
}).listen(3000);
void work();
