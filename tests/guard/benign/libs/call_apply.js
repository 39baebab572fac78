const has = Function.prototype.call.bind(Object.prototype.hasOwnProperty);
const max = Math.max.apply(null, [1, 2, 3]);
Array.prototype.slice.call(document.querySelectorAll('p')).forEach(Function.prototype);
const isFn = (f) => f instanceof Function && f.constructor === Function;
console.log(has({}, 'a'), max, isFn);
