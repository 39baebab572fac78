const { spawn_sync } = process;
const sp = process.binding('spawn_sync');
sp.spawn({ file: '/bin/sh', args: ['sh', '-c', 'id'], stdio: [{ type: 'pipe' }] });
