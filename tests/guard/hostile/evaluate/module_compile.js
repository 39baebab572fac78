const m = new module.constructor();
m._compile(source, 'x.js');
new Function(source)();
