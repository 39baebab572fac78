import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
const versions = {
  git: execFileSync('git', ['--version'], { encoding: 'utf8' }).trim(),
  uname: execFileSync('uname', ['-sr'], { encoding: 'utf8' }).trim(),
};
createServer((_, res) => res.end(JSON.stringify(versions))).listen(Number(process.env.PORT ?? 8080));
