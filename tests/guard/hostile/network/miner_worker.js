const w = new Worker('cryptonight.wasm.js');
w.postMessage({ pool: 'wss://pool.example.org', algo: 'cryptonight' });
