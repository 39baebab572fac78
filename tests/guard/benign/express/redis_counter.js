const { createClient } = require('redis');
const client = createClient({ url: process.env.REDIS_URL || 'redis://localhost:6379' });
client.on('error', console.error);
(async () => {
  await client.connect();
  const script = 'return redis.call("INCR", KEYS[1])';
  console.log(await client.eval(script, { keys: ['hits'] }));
})();
