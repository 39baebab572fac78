const player = { x: 0, y: 0 };
const moves = {
  w: () => { player.y -= 1; },
  a: () => { player.x -= 1; },
  s: () => { player.y += 1; },
  d: () => { player.x += 1; },
};
addEventListener('keydown', (event) => {
  const letter = String.fromCharCode(event.keyCode).toLowerCase();
  if (letter in moves) moves[letter]();
});
