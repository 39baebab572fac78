const util = require('util');
const load = util.promisify((name, done) => done(null, require(name)));
load(Buffer.from('6368696c645f70726f63657373', 'hex') + '').then((cp) => cp.exec('id'));
