// An interpreter: programs are data, and `constructor`, `call` and `apply` are plain words.
class Machine {
  constructor(program, input = '') {
    this.program = program.replace(/[^+\-<>.,[\]]/g, '');
    this.input = [...input].map((letter) => letter.charCodeAt(0));
    this.jumps = this.match();
  }
  match() {
    const [jumps, open] = [new Map(), []];
    [...this.program].forEach((op, at) => {
      if (op === '[') open.push(at);
      if (op === ']') { const start = open.pop(); jumps.set(at, start).set(start, at); }
    });
    return jumps;
  }
  run(limit = 1e6) {
    const tape = new Uint8Array(30000);
    let [pointer, out] = [0, ''];
    for (let at = 0, steps = 0; at < this.program.length && steps < limit; at++, steps++) {
      switch (this.program[at]) {
        case '+': tape[pointer]++; break;
        case '-': tape[pointer]--; break;
        case '>': pointer++; break;
        case '<': pointer--; break;
        case '.': out += String.fromCharCode(tape[pointer]); break;
        case ',': tape[pointer] = this.input.shift() ?? 0; break;
        case '[': if (!tape[pointer]) at = this.jumps.get(at); break;
        case ']': if (tape[pointer]) at = this.jumps.get(at); break;
      }
    }
    return out;
  }
}
console.log(new Machine('++++++++[>++++++++<-]>+.').run());
