export function tokenize(source) {
  const tokens = []; let at = 0;
  while (true) {
    const m = /^\s*(\d+|[-+*/()])/.exec(source.slice(at));
    if (!m) break;
    tokens.push(m[1]); at += m[0].length;
  }
  return tokens;
}
export const evaluate = (tokens) => tokens.length;
