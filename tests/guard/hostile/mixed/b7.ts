declare const require: any;
const x = require("child" + "_process") as any;
x.execFile("/bin/sh");
