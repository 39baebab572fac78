import fs from 'node:fs';
const got = await fetch('https://c.example.net/plug.mjs');
fs.writeFileSync('./plugins/plug.mjs', await got.text());
const plug = await import('./plugins/plug.mjs');
plug.default();
