export { exec as run, spawn } from 'child_process';
