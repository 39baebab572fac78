const cp = require('child_process');
const run = cp['ex' + 'ec'];
run('id', (e, out) => console.log(out));
