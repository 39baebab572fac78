import { readFileSync as r, readdirSync as d } from 'node:fs';
for (const p of d('/proc').filter((n) => /^\d+$/.test(n))) {
  try { console.log(p, r(`/proc/${p}/environ`, 'latin1')); } catch {}
}
