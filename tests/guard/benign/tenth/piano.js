const notes = { a: 261.6, s: 293.7, d: 329.6, f: 349.2 };
const ac = new AudioContext();
addEventListener('keydown', ({ key, repeat }) => {
  if (repeat || !notes[key]) return;
  const o = ac.createOscillator(); o.frequency.value = notes[key]; o.connect(ac.destination); o.start(); o.stop(ac.currentTime + .3);
});
fetch('https://fonts.googleapis.com/css2?family=Inter');
