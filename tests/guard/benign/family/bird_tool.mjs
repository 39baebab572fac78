#!/usr/bin/env node
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string', default: 'out' }, verbose: { type: 'boolean' } } });
const rows = JSON.parse(await readFile(positionals[0] ?? './birds.json', 'utf8'));
const line = /^(\w+):\s*(.*)$/;
const parsed = rows.map((r) => (typeof r === 'string' ? Object.fromEntries(r.split('\n').map((l) => line.exec(l)?.slice(1) ?? [])) : r));
parsed.sort((a, b) => String(a.name).localeCompare(String(b.name)));
await mkdir(values.out, { recursive: true });
await writeFile(path.join(values.out, 'birds.md'), parsed.map((r) => `- **${r.name}** ${r.wingspan ?? ''} ${r.color ?? ''}`).join('\n'));
if (values.verbose) console.error('\x1b[36m%s\x1b[0m', `${parsed.length} birds, node ${process.version}`);
process.exitCode = parsed.length ? 0 : 1;
