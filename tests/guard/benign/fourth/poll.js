import { setTimeout as sleep } from 'node:timers/promises';
const seen = [];
while (true) {
  const res = await fetch('https://hacker-news.firebaseio.com/v0/topstories.json');
  const ids = (await res.json()).slice(0, 10);
  for (const id of ids) if (!seen.includes(id)) { seen.push(id); console.log('new story', id); }
  if (seen.length > 500) seen.splice(0, 250);
  await sleep(60_000);
}
