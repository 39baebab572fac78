const lt = require('localtunnel');
lt({ port: 3000 }).then((t) => console.log(t.url));
