class Store {
  #items = []; #key = 'todo.items'; url = '/api/items';
  load() { this.#items = JSON.parse(localStorage.getItem(this.#key) ?? '[]'); return this.items(); }
  items() { return this.#items; }
  async sync() { await fetch(this.url, { method: 'POST', body: JSON.stringify(this.#items) }); }
}
const store = new Store(); store.load();
