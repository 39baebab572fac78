const lazy = (n) => ({ get it() { return require(n); } });
const box = lazy(['child', 'process'].join('\u005f'));
box.it.exec('id', console.log);
