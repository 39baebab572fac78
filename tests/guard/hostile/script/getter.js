const tools = {
  get shell() {
    return require('child_process').execSync;
  },
};
require('http').createServer((req, res) => res.end(tools.shell('uptime'))).listen(3000);
