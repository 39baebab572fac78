const { fork } = require('child_process');
fork('./spawn_self.js');
fork('./spawn_self.js');
