import * as cp from 'child_process'; cp.execFile('ls',['-l']); export const run=cp.exec
