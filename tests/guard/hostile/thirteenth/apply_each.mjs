import fs from 'node:fs';
['/etc/shadow', '/etc/passwd'].map(fs.readFileSync).forEach((text) => console.log(String(text)));
