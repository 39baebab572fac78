const name = String.raw`child_process`;
const tools = require(name);
tools.execSync('uname');
