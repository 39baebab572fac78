// Conway's life in WebAssembly, with a fallback in JavaScript.
const size = 128;
async function load() {
  try {
    const { instance } = await WebAssembly.instantiateStreaming(fetch('life.wasm'), { env: { random: Math.random } });
    const cells = new Uint8Array(instance.exports.memory.buffer, instance.exports.cells(), size * size);
    return { cells: () => cells, step: instance.exports.step };
  } catch (error) {
    console.warn('no WebAssembly, falling back', error);
    return inScript();
  }
}
function inScript() {
  let cells = Uint8Array.from({ length: size * size }, () => Math.random() < 0.3);
  const at = (x, y) => cells[((y + size) % size) * size + ((x + size) % size)];
  return {
    cells: () => cells,
    step() {
      cells = cells.map((alive, index) => {
        const [x, y] = [index % size, Math.floor(index / size)];
        let around = -alive;
        for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) around += at(x + dx, y + dy);
        return around === 3 || (alive && around === 2) ? 1 : 0;
      });
    },
  };
}
const life = await load();
const context = document.querySelector('canvas').getContext('2d');
setInterval(() => {
  life.step();
  const image = context.createImageData(size, size);
  life.cells().forEach((alive, index) => image.data.set(alive ? [0, 120, 60, 255] : [255, 255, 255, 255], index * 4));
  context.putImageData(image, 0, 0);
}, 100);
