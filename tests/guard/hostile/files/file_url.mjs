import { readFile } from 'node:fs/promises';
console.log(await readFile(new URL('file:///etc/passwd'), 'utf8'));
