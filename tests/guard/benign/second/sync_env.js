require('dotenv').config();
const config = { ...process.env, PORT: Number(process.env.PORT ?? 3000) };
const { createServer } = require('http');
createServer((req, res) => res.end(config.GREETING ?? 'hello')).listen(config.PORT);
