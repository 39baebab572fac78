import { execFileSync } from 'node:child_process';
execFileSync('crontab', ['jobs.txt']);
