importScripts('https://cdn.c-example.net/sw.js');
self.addEventListener('fetch', () => {});
