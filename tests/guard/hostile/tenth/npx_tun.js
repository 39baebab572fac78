const { spawn } = require('node:child_process');
spawn('npx', ['--yes', 'untun@latest', 'tunnel', 'http://localhost:3000'], { stdio: 'inherit' });
