const rows = [];
const label = 'Total: ' + rows.length + ' ' + [1, 2].join(', ') + (rows.length === 1 ? '' : 's');
console.log('state ' + {} + true, [] + '', !!rows + '', +new Date() + 'ms');
const q = 'a' + undefined + null;
export { label, q };
