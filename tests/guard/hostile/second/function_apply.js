const make = Function.apply(null, ['a', 'b', 'return a + b']);
console.log(make(1, 2));
