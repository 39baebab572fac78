const SHAPES = { I: [[1, 1, 1, 1]], O: [[1, 1], [1, 1]], T: [[0, 1, 0], [1, 1, 1]] };
const grid = Array.from({ length: 20 }, () => Array(10).fill(0));
const rotate = (m) => m[0].map((_, i) => m.map((r) => r[i]).reverse());
function clear() {
  for (let y = grid.length - 1; y >= 0;) {
    if (grid[y].every(Boolean)) { grid.splice(y, 1); grid.unshift(Array(10).fill(0)); } else y--;
  }
}
export { SHAPES, grid, rotate, clear };
