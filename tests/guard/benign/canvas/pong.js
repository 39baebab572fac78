const canvas = document.querySelector('canvas');
const g = canvas.getContext('2d');
const ball = { x: 100, y: 100, vx: 3, vy: 2 };
let paddle = 100, score = Number(localStorage.getItem('score')) || 0;
onmousemove = (e) => { paddle = e.offsetY; };
(function frame() {
  ball.x += ball.vx; ball.y += ball.vy;
  if (ball.y < 0 || ball.y > canvas.height) ball.vy *= -1;
  if (ball.x < 10 && Math.abs(ball.y - paddle) < 40) { ball.vx *= -1; score++; localStorage.setItem('score', score); }
  g.clearRect(0, 0, canvas.width, canvas.height);
  g.fillRect(ball.x, ball.y, 8, 8); g.fillRect(0, paddle - 40, 10, 80); g.fillText(score, 20, 20);
  requestAnimationFrame(frame);
})();
