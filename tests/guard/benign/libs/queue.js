class Queue {
  constructor() { this.jobs = []; this.waiting = []; }
  push(job) { this.jobs.push(job); this.waiting.shift()?.(); }
  async run() { while (true) { while (!this.jobs.length) await new Promise((r) => this.waiting.push(r)); await this.jobs.shift()(); } }
}
module.exports = Queue;
