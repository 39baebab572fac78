const deck = [];
for (const s of '♠♥♦♣') for (let i = 1; i <= 13; i++) deck.push({ s, i });
const label = i => ({ 1: 'A', 11: 'J', 12: 'Q', 13: 'K' })[i] ?? String(i);
const letter = n => String.fromCharCode(65 + n);
document.body.innerHTML = deck.map((c, n) => `<span title="${letter(n % 26)}">${label(c.i)}${c.s}</span>`).join('');
