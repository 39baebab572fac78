const f = new Function('a', 'b', userFormula);
console.log(f(1, 2));
