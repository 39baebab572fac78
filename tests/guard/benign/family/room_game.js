const canvas = document.getElementById('game');
const ctx = canvas.getContext('2d');
const keys = {};
const hero = { x: 50, y: 80, r: 16 };
const rooms = Array.from({ length: 5 }, () => ({ x: Math.random() * canvas.width, y: Math.random() * canvas.height, v: 1 + Math.random() }));
let points = 0, best = +localStorage.getItem('best') || 0, last = 0;
addEventListener('keydown', (e) => { keys[e.code] = true; if (e.key === ' ') jump(); });
addEventListener('keyup', (e) => { keys[e.code] = false; });
function jump() { hero.y = Math.max(0, hero.y - 40); }
function update(dt) {
  if (keys.ArrowLeft) hero.x -= dt * 0.2;
  if (keys.ArrowRight) hero.x += dt * 0.2;
  for (const s of rooms) {
    s.x -= s.v; if (s.x < 0) s.x = canvas.width;
    if (Math.hypot(s.x - hero.x, s.y - hero.y) < hero.r) { points++; s.x = canvas.width; }
  }
  if (points > best) localStorage.setItem('best', best = points);
}
function frame(t) {
  update(t - last); last = t;
  ctx.clearRect(0, 0, canvas.width, canvas.height);
  ctx.beginPath(); ctx.arc(hero.x, hero.y, hero.r, 0, Math.PI * 2); ctx.fill();
  rooms.forEach((s) => ctx.fillRect(s.x, s.y, 6, 6));
  ctx.fillText(`${points} / ${best}`, 10, 16);
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
