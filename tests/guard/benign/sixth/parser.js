const TOKEN = /\s*(?:(\d+\.?\d*)|(.))/y;
export function tokens(src) {
  const out = [];
  let m;
  TOKEN.lastIndex = 0;
  while ((m = TOKEN.exec(src)) !== null) {
    if (m[1]) out.push({ type: 'num', value: Number(m[1]) });
    else if (m[2].trim()) out.push({ type: 'op', value: m[2] });
    if (TOKEN.lastIndex >= src.length) break;
  }
  return out;
}
export const evaluate = t => t.reduce((a, x) => (x.type === 'num' ? a + x.value : a), 0);
