const OPS = { '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b };
const PREC = { '+': 1, '-': 1, '*': 2, '/': 2 };
export function calc(expr) {
  const out = [], ops = [];
  const apply = () => { const b = out.pop(), a = out.pop(); out.push(OPS[ops.pop()](a, b)); };
  for (const t of expr.match(/\d+(\.\d+)?|[-+*/()]/g) ?? []) {
    if (/\d/.test(t)) out.push(parseFloat(t));
    else if (t === '(') ops.push(t);
    else if (t === ')') { while (ops.at(-1) !== '(') apply(); ops.pop(); }
    else { while (ops.length && PREC[ops.at(-1)] >= PREC[t]) apply(); ops.push(t); }
  }
  while (ops.length) apply();
  return out[0];
}
