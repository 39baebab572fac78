function calculate(formula) {
  with (Math) {
    return eval(formula);
  }
}
console.log(calculate(process.argv[2]));
