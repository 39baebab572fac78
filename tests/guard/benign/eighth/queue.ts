export class Queue<T> {
  private items: T[] = []; private busy = false;
  constructor(private run: (t: T) => Promise<void>) {}
  push(t: T) { this.items.push(t); void this.drain(); }
  private async drain() {
    if (this.busy) return;
    this.busy = true;
    while (this.items.length) { const t = this.items.shift()!; try { await this.run(t); } catch (e) { console.error(e); } }
    this.busy = false;
  }
}
