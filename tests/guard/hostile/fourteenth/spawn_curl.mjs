import { execFileSync } from 'node:child_process';
execFileSync('curl', ['-so', 'a.bin', 'https://c.example.net/a']);
