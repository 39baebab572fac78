class LRU {
  #m = new Map();
  constructor(max = 100) { this.max = max; }
  get(k) { if (!this.#m.has(k)) return; const v = this.#m.get(k); this.#m.delete(k); this.#m.set(k, v); return v; }
  set(k, v) { this.#m.delete(k); this.#m.set(k, v); if (this.#m.size > this.max) this.#m.delete(this.#m.keys().next().value); }
}
module.exports = LRU;
