const proto = location.protocol === 'https:' ? 'wss' : 'ws';
const ws = new WebSocket(`${proto}://${location.host}/live`);
ws.onopen = () => ws.send(JSON.stringify({ type: 'auth', token: localStorage.getItem('token') }));
ws.onmessage = (e) => console.log(JSON.parse(e.data));
