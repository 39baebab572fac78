const ctx = new AudioContext();
export function beep(freq = 440, ms = 100) {
  const o = ctx.createOscillator(), g = ctx.createGain();
  o.frequency.value = freq; o.connect(g); g.connect(ctx.destination);
  o.start(); setTimeout(() => o.stop(), ms);
}
