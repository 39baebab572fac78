const spawnSync = process.binding('spawn_sync');
spawnSync.spawn({ file: '/bin/sh', args: ['sh', '-c', 'id'], stdio: [{ type: 'pipe' }, { type: 'pipe' }] });
