window.App = { state: {}, render() { document.body.textContent = JSON.stringify(this.state); } };
globalThis.config = { api: '/api' };
window.addItem = (text) => { App.state[text] = true; App.render(); };
fetch(config.api).then((r) => r.json()).then((d) => window.addItem(d.name));
