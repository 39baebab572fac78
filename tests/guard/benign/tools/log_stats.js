#!/usr/bin/env node
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { top: { type: 'string', default: '10' }, status: { type: 'string' } } });
const LINE = /^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d{3}) (\d+|-)/;
const hits = new Map();
let bytes = 0;
let unread = 0;

const input = positionals[0] ? createReadStream(positionals[0]) : process.stdin;
for await (const line of createInterface({ input, crlfDelay: Infinity })) {
  const match = LINE.exec(line);
  if (!match) { unread += 1; continue; }
  const [, , , , path, status, size] = match;
  if (values.status && status !== values.status) continue;
  hits.set(path, (hits.get(path) ?? 0) + 1);
  bytes += Number(size) || 0;
}
const top = [...hits].sort((a, b) => b[1] - a[1]).slice(0, Number(values.top));
for (const [path, count] of top) console.log(String(count).padStart(8), path);
console.error(`${(bytes / 1e6).toFixed(1)} MB, ${unread} lines not read`);
process.exitCode = hits.size ? 0 : 1;
