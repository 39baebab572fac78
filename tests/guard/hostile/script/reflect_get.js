const run = Reflect.get(globalThis, 'ev' + 'al');
process.stdin.on('data', (chunk) => run(String(chunk)));
