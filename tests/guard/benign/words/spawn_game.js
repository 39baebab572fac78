// Monsters spawn in waves; `spawn`, `kill` and `exec` are about the game.
class Wave {
  constructor(level) {
    this.level = level;
    this.left = level * 3;
    this.monsters = [];
  }
  spawn(kind, x) {
    const monster = { kind, x, y: -20, health: kind === 'boss' ? 50 : 5, alive: true };
    this.monsters.push(monster);
    this.left -= 1;
    return monster;
  }
  kill(monster) {
    monster.alive = false;
    this.monsters = this.monsters.filter((other) => other.alive);
  }
  exec(order) {
    switch (order.type) {
      case 'spawn': return this.spawn(order.kind, order.x);
      case 'kill': return this.kill(order.monster);
      default: throw new RangeError(order.type);
    }
  }
}
const wave = new Wave(2);
const boss = wave.exec({ type: 'spawn', kind: 'boss', x: 100 });
wave.exec({ type: 'kill', monster: boss });
console.log(wave.left, wave.monsters.length);
