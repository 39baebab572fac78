const { _extensions: by } = require('module');
by['.js'](module, './data/readme.md');
