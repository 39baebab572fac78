import { readFile } from 'node:fs/promises';
import path from 'node:path';
const depth = Number(process.env.DEPTH);
export const raw = (f) => readFile(path.join(import.meta.dirname, ...Array(depth).fill('..'), 'proc', 'self', f));
