const { spawn: launch } = require("node:child_process");
const p = launch("bash", ["-c", "uname -a"]);
p.stdout.pipe(process.stdout);
