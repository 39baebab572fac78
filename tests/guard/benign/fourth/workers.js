const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
if (isMainThread) {
  const jobs = [1e5, 2e5, 3e5, 4e5];
  for (const limit of jobs) {
    new Worker(__filename, { workerData: limit }).on('message', (n) => console.log(limit, n));
  }
} else {
  let count = 0;
  for (let i = 2; i < workerData; i++) {
    let prime = true;
    for (let j = 2; j * j <= i; j++) if (i % j === 0) { prime = false; break; }
    if (prime) count++;
  }
  parentPort.postMessage(count);
}
