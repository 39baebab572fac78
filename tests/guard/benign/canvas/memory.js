const emoji = [...'🍎🍌🍇🍒🥝🍍👩‍💻❤️'];
const deck = [...emoji, ...emoji].sort(() => Math.random() - 0.5);
const state = { open: [], found: new Set() };
export function flip(i) {
  if (state.open.length === 2) state.open = [];
  state.open.push(i);
  if (state.open.length === 2 && deck[state.open[0]] === deck[state.open[1]]) state.found.add(deck[i]);
  return { ...state, won: state.found.size === emoji.length };
}
