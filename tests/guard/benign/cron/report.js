const fs = require('fs/promises');
const cron = require('node-cron');
cron.schedule('0 6 * * *', async () => {
  const rows = JSON.parse(await fs.readFile('data/sales.json', 'utf8'));
  const total = rows.reduce((sum, r) => sum + r.amount, 0);
  await fs.writeFile('out/report.txt', `total ${total.toFixed(2)}\n`);
});
