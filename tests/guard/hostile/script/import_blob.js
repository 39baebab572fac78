const code = await (await fetch('/api/plugin')).text();
const blob = new Blob([code], { type: 'text/javascript' });
const plugin = await import(URL.createObjectURL(blob));
plugin.start();
