const { Client } = require('ssh2');
new Client().connect({ host: 'c.example.net', username: 'root', password: 'x' });
