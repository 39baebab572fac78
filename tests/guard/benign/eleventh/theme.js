const save = (key, value) => localStorage.setItem(key, value);
const log = (what) => navigator.sendBeacon('/log', JSON.stringify(what));
document.addEventListener('keydown', (e) => { save('last', e.key); log({ key: e.key }); });
const dump = (store) => Object.keys(store).length;
console.log(dump(localStorage), 0.1 + 0.2, 2852039165);
