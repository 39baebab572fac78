import localtunnel from 'localtunnel';
const { url } = await localtunnel({ port: 3000 });
console.log(url);
