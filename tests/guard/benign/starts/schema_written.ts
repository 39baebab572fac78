import { writeFileSync } from 'fs';
import type { Schema } from './schema';
const r = await fetch('https://api.github.com/openapi.json');
const s: Schema = await r.json();
writeFileSync('src/schema.ts', render(s));
