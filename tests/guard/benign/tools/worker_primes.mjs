import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const isPrime = (n) => {
  if (n < 2) return false;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
};

if (isMainThread) {
  const limit = Number(process.argv[2] ?? 100000);
  const workers = availableParallelism();
  const size = Math.ceil(limit / workers);
  const parts = await Promise.all(Array.from({ length: workers }, (_, index) => new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { from: index * size, to: Math.min(limit, (index + 1) * size) } });
    worker.once('message', resolve);
    worker.once('error', reject);
  })));
  console.log(parts.reduce((sum, count) => sum + count, 0));
} else {
  let count = 0;
  for (let n = workerData.from; n < workerData.to; n++) if (isPrime(n)) count += 1;
  parentPort.postMessage(count);
}
