import cp = require("child_process");
cp.fork("./worker-that-is-not-there");
