const cp = require('child_process');
const path = require('path');
const worker = cp.fork(path.join(__dirname, 'workers', 'report.js'), ['--month', '7']);
worker.on('message', (rows) => console.table(rows));
