const required = ['DATABASE_URL', 'SESSION_SECRET', 'SMTP_HOST'];
const missing = required.filter((name) => !process.env[name]);
if (missing.length > 0) {
  console.error(`Missing settings: ${missing.join(', ')}. See .env.example.`);
  process.exit(1);
}
const config = Object.freeze({
  port: Number.parseInt(process.env.PORT ?? '3000', 10),
  database: process.env.DATABASE_URL,
  production: process.env.NODE_ENV === 'production',
});
console.log(`node ${process.version}, port ${config.port}, ${Object.keys(process.env).length} variables`);
module.exports = config;
