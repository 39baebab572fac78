const { value: hidden } = Object.getOwnPropertyDescriptor(globalThis, 'eval');
module.exports = (template, data) => hidden('(' + JSON.stringify(data) + ')' + template);
