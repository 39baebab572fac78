import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
const run = promisify(execFile);
const { stdout } = await run('git', ['log', '-1', '--format=%h %s']);
console.log('built from', stdout.trim());
