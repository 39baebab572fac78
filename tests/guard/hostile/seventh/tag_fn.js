const make = Function.prototype.constructor;
const tpl = (s, ...v) => make(s.raw.join(''))(...v);
tpl`return process.env`;
