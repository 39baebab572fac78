const Maker = Object.getPrototypeOf(function* () {}).constructor;
const steps = new Maker('yield process.cwd()');
for (const step of steps()) console.log(step);
