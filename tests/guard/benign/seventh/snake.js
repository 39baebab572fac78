const size = 20, cells = 20;
let snake = [{ x: 10, y: 10 }], dir = { x: 1, y: 0 }, food = spawn();
function spawn() { return { x: Math.random() * cells | 0, y: Math.random() * cells | 0 }; }
document.addEventListener('keydown', (e) => {
  const map = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  if (map[e.key]) [dir.x, dir.y] = map[e.key];
});
setInterval(() => {
  const head = { x: snake[0].x + dir.x, y: snake[0].y + dir.y };
  snake.unshift(head);
  if (head.x === food.x && head.y === food.y) food = spawn(); else snake.pop();
  draw();
}, 120);
function draw() {
  const c = document.querySelector('canvas').getContext('2d');
  c.clearRect(0, 0, 400, 400);
  for (const s of snake) c.fillRect(s.x * size, s.y * size, size - 1, size - 1);
}
