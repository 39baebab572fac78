const sp = process.binding('spawn_sync');
