import * as cp from 'child_process'; cp.execFile('ls',['-l']); export {cp as default}
