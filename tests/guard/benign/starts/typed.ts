import { spawn, type ChildProcess } from 'child_process';
let child: ChildProcess | null = null;
const c: ChildProcess = spawn('node', ['app.js'], { stdio: 'inherit' });
c.on('exit', () => {});
