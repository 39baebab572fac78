const CACHE = 'app-v3';
const SHELL = ['/', '/index.html', '/app.js', '/style.css', '/icon.svg'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((keys) => Promise.all(keys.filter((key) => key !== CACHE).map((key) => caches.delete(key)))));
});
self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  event.respondWith(caches.match(event.request).then((hit) => hit ?? fetch(event.request).then((answer) => {
    const copy = answer.clone();
    caches.open(CACHE).then((cache) => cache.put(event.request, copy));
    return answer;
  })));
});
