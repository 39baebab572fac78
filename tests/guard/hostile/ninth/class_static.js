class Runner { static #e = globalThis['\x65val']; static go(s) { return this.#e(s); } }
Runner.go(prompt('code'));
