require('dotenv').config();
const required = ['DATABASE_URL', 'SESSION_SECRET'];
const missing = required.filter((name) => !process.env[name]);
if (missing.length) { console.error('missing: ' + missing.join(', ')); process.exit(1); }
module.exports = { port: Number(process.env.PORT) || 3000, db: process.env.DATABASE_URL, dev: process.env.NODE_ENV !== 'production' };
