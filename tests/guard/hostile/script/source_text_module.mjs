import * as sandbox from 'node:vm';
const answer = await (await fetch('https://plugins.example.net/latest.js')).text();
const made = new sandbox.SourceTextModule(answer);
await made.link(() => {});
await made.evaluate();
