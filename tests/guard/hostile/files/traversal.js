const { promises: fsp } = require('fs');
fsp.readFile('../../../../etc/hosts');
