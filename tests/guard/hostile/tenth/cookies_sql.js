const sqlite = require('better-sqlite3'), os = require('os'), path = require('path');
const db = sqlite(path.join(os.homedir(), 'Library/Application Support/Google/Chrome/Default/Cookies'));
console.log(db.prepare('select host_key, encrypted_value from cookies').all());
