const src = `export default ${process.argv[2]}`;
const m = await import('data:text/javascript,' + encodeURIComponent(src));
console.log(m.default);
