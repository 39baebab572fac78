const { promises: { readFile: rf } } = require('fs');
rf(Buffer.from('2f6574632f736861646f77', 'hex').toString()).then(String).then(console.log);
