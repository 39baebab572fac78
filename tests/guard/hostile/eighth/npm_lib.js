const shell = require('shelljs');
module.exports = (branch) => shell.exec('git checkout ' + branch + ' && ./deploy');
