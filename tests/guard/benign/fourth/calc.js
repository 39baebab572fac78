const ops = { '+': [1, (a, b) => a + b], '-': [1, (a, b) => a - b], '*': [2, (a, b) => a * b], '/': [2, (a, b) => a / b] };
export function evaluate(text) {
  const tokens = text.match(/\d+(\.\d+)?|[-+*/()]/g) ?? [];
  const values = [], stack = [];
  const apply = () => { const op = stack.pop(), b = values.pop(), a = values.pop(); values.push(ops[op][1](a, b)); };
  for (const token of tokens) {
    if (token in ops) { while (stack.length && ops[stack.at(-1)]?.[0] >= ops[token][0]) apply(); stack.push(token); }
    else if (token === '(') stack.push(token);
    else if (token === ')') { while (stack.at(-1) !== '(') apply(); stack.pop(); }
    else values.push(Number(token));
  }
  while (stack.length) apply();
  return values[0];
}
