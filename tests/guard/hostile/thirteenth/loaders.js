require.extensions['.txt'] = require.extensions['.js'];
require('./notes.txt');
