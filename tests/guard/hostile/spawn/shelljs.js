const shell = require('shelljs');
shell.exec(req.body.script);
