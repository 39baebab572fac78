// Exercises many words that scanners stumble over: eval, exec, spawn, child_process, Function.
const TOKEN = /\s*(?:(\d+\.?\d*)|(.))/gy;

function* tokens(text) {
  TOKEN.lastIndex = 0;
  let match;
  while ((match = TOKEN.exec(text)) && match[0]) {
    yield match[1] ? { kind: 'number', value: Number(match[1]) } : { kind: 'operator', value: match[2] };
  }
}

function evaluate(text) {
  const all = [...tokens(text)];
  let at = 0;
  const peek = () => all[at];
  const next = () => all[at++];
  function factor() {
    const token = next();
    if (!token) throw new SyntaxError('unexpected end');
    if (token.value === '(') {
      const inner = sum();
      if (next()?.value !== ')') throw new SyntaxError('missing )');
      return inner;
    }
    if (token.value === '-') return -factor();
    if (token.kind !== 'number') throw new SyntaxError(`unexpected ${token.value}`);
    return token.value;
  }
  function product() {
    let left = factor();
    while (peek() && '*/'.includes(peek().value)) left = next().value === '*' ? left * factor() : left / factor();
    return left;
  }
  function sum() {
    let left = product();
    while (peek() && '+-'.includes(peek().value)) left = next().value === '+' ? left + product() : left - product();
    return left;
  }
  return sum();
}

console.log(evaluate('2 * (3 + 4) - 5'));
