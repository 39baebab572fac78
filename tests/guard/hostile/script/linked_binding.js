const key = '_linked' + 'Binding';
const raw = process[key]('spawn_sync');
raw.spawn({ file: '/bin/ls', args: ['ls', '/'], envPairs: [] });
