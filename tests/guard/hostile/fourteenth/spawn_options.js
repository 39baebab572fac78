const { spawn } = require('child_process');
const options = { shell: true };
spawn('ffmpeg', ['-i', process.argv[2], 'out.mp4'], options);
