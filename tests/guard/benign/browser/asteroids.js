const canvas = document.querySelector('canvas');
const context = canvas.getContext('2d');
const keys = new Set();
addEventListener('keydown', (event) => keys.add(event.code));
addEventListener('keyup', (event) => keys.delete(event.code));

const ship = { x: 400, y: 300, angle: 0, vx: 0, vy: 0 };
let rocks = Array.from({ length: 6 }, () => rock(Math.random() * 800, Math.random() * 600, 3));
let shots = [];
let score = 0;
let last = performance.now();

function rock(x, y, size) {
  const direction = Math.random() * Math.PI * 2;
  return { x, y, size, vx: Math.cos(direction) * 60 / size, vy: Math.sin(direction) * 60 / size };
}
function wrap(thing) {
  thing.x = (thing.x + canvas.width) % canvas.width;
  thing.y = (thing.y + canvas.height) % canvas.height;
}
function update(seconds) {
  if (keys.has('ArrowLeft')) ship.angle -= 4 * seconds;
  if (keys.has('ArrowRight')) ship.angle += 4 * seconds;
  if (keys.has('ArrowUp')) {
    ship.vx += Math.cos(ship.angle) * 200 * seconds;
    ship.vy += Math.sin(ship.angle) * 200 * seconds;
  }
  if (keys.has('Space') && shots.length < 5) {
    shots.push({ x: ship.x, y: ship.y, vx: Math.cos(ship.angle) * 400, vy: Math.sin(ship.angle) * 400, left: 1.2 });
    keys.delete('Space');
  }
  for (const thing of [ship, ...rocks, ...shots]) {
    thing.x += thing.vx * seconds;
    thing.y += thing.vy * seconds;
    wrap(thing);
  }
  shots = shots.filter((shot) => (shot.left -= seconds) > 0);
  for (const shot of shots) {
    const hit = rocks.find((other) => Math.hypot(other.x - shot.x, other.y - shot.y) < other.size * 12);
    if (!hit) continue;
    shot.left = 0;
    score += 10 * (4 - hit.size);
    rocks = rocks.filter((other) => other !== hit);
    if (hit.size > 1) rocks.push(rock(hit.x, hit.y, hit.size - 1), rock(hit.x, hit.y, hit.size - 1));
  }
}
function draw() {
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = '#fff';
  for (const { x, y, size } of rocks) {
    context.beginPath();
    context.arc(x, y, size * 12, 0, Math.PI * 2);
    context.stroke();
  }
  context.save();
  context.translate(ship.x, ship.y);
  context.rotate(ship.angle);
  context.strokeRect(-8, -5, 16, 10);
  context.restore();
  for (const { x, y } of shots) context.strokeRect(x, y, 2, 2);
  context.fillStyle = '#fff';
  context.fillText(`Score ${score}`, 10, 20);
}
requestAnimationFrame(function frame(now) {
  update(Math.min(0.05, (now - last) / 1000));
  last = now;
  draw();
  requestAnimationFrame(frame);
});
