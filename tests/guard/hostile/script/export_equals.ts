import shell = require("node:child_process");
export = { now: () => shell.execSync("date").toString() };
