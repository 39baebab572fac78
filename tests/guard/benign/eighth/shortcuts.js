const combos = { 'ctrl+k': openSearch, '?': showHelp };
document.addEventListener('keydown', (e) => {
  const k = (e.ctrlKey ? 'ctrl+' : '') + e.key.toLowerCase();
  combos[k]?.(e);
});
function openSearch(e) { e.preventDefault(); document.querySelector('#search').focus(); }
function showHelp() { document.querySelector('dialog').showModal(); }
fetch('/api/visits', { method: 'POST', body: JSON.stringify({ page: location.pathname }) });
