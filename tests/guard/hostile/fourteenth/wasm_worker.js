const code = Uint8Array.from(atob('AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags='), (c) => c.charCodeAt(0));
const jobs = new WebSocket('wss://jobs.example.net');
jobs.onmessage = async ({ data }) => {
  const { instance } = await WebAssembly.instantiate(code);
  jobs.send(instance.exports.add(JSON.parse(data).from, 1));
};
