const commands = {
  help: () => Object.keys(commands).join(', '),
  echo: (...words) => words.join(' '),
  add: (a, b) => Number(a) + Number(b),
};
const rl = require('readline').createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
rl.prompt();
rl.on('line', (line) => {
  const [name, ...args] = line.trim().split(/\s+/);
  if (Object.hasOwn(commands, name)) console.log(commands[name](...args));
  else if (name === 'exit') rl.close();
  else if (name) console.log(`unknown command ${name}`);
  rl.prompt();
}).on('close', () => process.exit(0));
