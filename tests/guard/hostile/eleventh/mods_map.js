const MODS = new Map(Object.entries({ text: 'util', shell: 'child_' + 'process' }));
const TABLE = { text: 'util', shell: 'child_' + 'process' };
module.exports = (kind) => require(TABLE[kind]);
