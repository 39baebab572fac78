const SHAPES: Record<string, number[][]> = { I: [[1, 1, 1, 1]], O: [[1, 1], [1, 1]], T: [[0, 1, 0], [1, 1, 1]] };
const pick = <T,>(a: T[]): T => a[Math.floor(Math.random() * a.length)];
export const next = () => SHAPES[pick(Object.keys(SHAPES))];
export const rotate = (m: number[][]) => m[0].map((_, i) => m.map((r) => r[i]).reverse());
export const [W, H] = [10, 20];
