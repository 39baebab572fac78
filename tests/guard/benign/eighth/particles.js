const parts = [];
function frame(t) {
  if (parts.length < 500) parts.push({ x: 200, y: 200, vx: Math.random() - .5, vy: Math.random() - .5, trail: new Float32Array(64) });
  for (const p of parts) { p.x += p.vx; p.y += p.vy; }
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
