const fs = require('fs');
fs.readFile('/etc/passwd', 'utf8', (e, t) => console.log(t));
