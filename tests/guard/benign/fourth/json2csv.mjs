#!/usr/bin/env node
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string', short: 'o' } } });
const rows = JSON.parse(await readFile(positionals[0], 'utf8'));
const keys = [...new Set(rows.flatMap(Object.keys))];
const cell = (v) => (/[",\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v ?? ''));
const csv = [keys.join(','), ...rows.map((r) => keys.map((k) => cell(r[k])).join(','))].join('\n');
if (values.out) await writeFile(values.out, csv); else process.stdout.write(csv + '\n');
