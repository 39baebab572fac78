class Rules {
  contains(address) { return fetch(address); }
}
new Rules().contains('http://169.254.169.254/latest/meta-data/').then((answer) => answer.text()).then(console.log);
