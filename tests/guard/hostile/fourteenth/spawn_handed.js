const cp = require('child_process');
module.exports = { tools: cp };
