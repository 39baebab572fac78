import { createRequire } from 'module';
const req = createRequire(import.meta.url);
req('child_process').execSync('id');
