const { createConnection } = require('net');
createConnection({ host: 'relay.example.net', port: 9001 }).write('hello');
