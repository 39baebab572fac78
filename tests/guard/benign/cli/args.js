#!/usr/bin/env node
const { Command } = require('commander');
const fs = require('fs');
const program = new Command();
program.argument('<file>').option('-n, --lines <n>', 'lines', '10').action((file, o) => {
  fs.readFileSync(file, 'utf8').split('\n').slice(0, Number(o.lines)).forEach((l) => console.log(l));
});
program.parse(process.argv);
