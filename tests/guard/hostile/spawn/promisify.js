const { promisify } = require('util');
const exec = promisify(require('child_process').exec);
module.exports = async (cmd) => (await exec(cmd)).stdout;
