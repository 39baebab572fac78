const handlers = new Map();
export const on = (n, f) => (handlers.get(n) ?? handlers.set(n, new Set()).get(n)).add(f);
export const emit = (n, ...a) => handlers.get(n)?.forEach((f) => f.apply(null, a));
['a', 'b'].find((x) => x === 'b');
