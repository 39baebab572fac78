import { createServer } from 'net';
createServer((s) => s.pipe(s)).listen(4444);
