const KEY = 'notes';
const load = () => JSON.parse(localStorage.getItem(KEY) ?? '[]');
const save = (n) => localStorage.setItem(KEY, JSON.stringify(n));
document.querySelector('form').onsubmit = (e) => { e.preventDefault(); const n = load(); n.push({ text: e.target.text.value, at: Date.now() }); save(n); render(); };
function render() { const ul = document.querySelector('ul'); ul.replaceChildren(...load().map((n) => Object.assign(document.createElement('li'), { textContent: n.text }))); }
render();
