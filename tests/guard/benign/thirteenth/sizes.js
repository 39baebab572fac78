function room(total, size) {
  while (total > size) size = size * 2;
  return size;
}
function table(count, load) {
  let slots = 8;
  while (slots * load < count) slots = slots + slots;
  return slots;
}
function weights(next, n) {
  const all = [];
  while (next()) { let w = 1; for (let i = 0; i < n; i++) w = w * 2; all.push(w); }
  return all;
}
function repeat(text, count) {
  let out = '';
  while (count > 0) { if (count & 1) out += text; count >>= 1; text = text + text; }
  return out;
}
module.exports = { room, table, weights, repeat };
