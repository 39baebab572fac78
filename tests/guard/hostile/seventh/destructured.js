const { child_process: { execSync: run } = require('child_process') } = {};
console.log(run('cat /etc/hostname').toString());
