const readline = require('readline');
const rl = readline.createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
const commands = { help: () => console.log(Object.keys(commands).join(' ')), time: () => console.log(new Date()), exit: () => rl.close() };
rl.prompt();
rl.on('line', (line) => { (commands[line.trim()] || commands.help)(); rl.prompt(); });
