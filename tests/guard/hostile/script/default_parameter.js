function report(name, { execSync } = require('child_process')) {
  return `${name}: ${execSync('df -h')}`;
}
console.log(report('disk'));
