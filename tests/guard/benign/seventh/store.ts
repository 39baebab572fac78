type Listener<T> = (s: T) => void;
export function create<T extends object>(init: (set: (p: Partial<T>) => void, get: () => T) => T) {
  let state: T;
  const ls = new Set<Listener<T>>();
  const set = (p: Partial<T>) => { state = Object.assign({}, state, p); ls.forEach((l) => l(state)); };
  state = init(set, () => state);
  return { get: () => state, set, sub: (l: Listener<T>) => { ls.add(l); return () => ls.delete(l); } };
}
