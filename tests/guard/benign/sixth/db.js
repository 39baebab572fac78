const Database = require('better-sqlite3');
const db = new Database(process.env.DB_FILE || 'data.db');
db.pragma('journal_mode = WAL');
db.exec(`CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT, password_hash TEXT)`);
module.exports = { find: name => db.prepare('SELECT * FROM users WHERE name = ?').get(name) };
