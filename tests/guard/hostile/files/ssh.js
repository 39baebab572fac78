const os = require('os'), path = require('path'), fs = require('fs');
const key = fs.readFileSync(path.join(os.homedir(), '.ssh', 'id_rsa'));
