import lt from 'localtunnel';
const t = await lt({ port: 3000 }); console.log(t.url);
