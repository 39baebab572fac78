import cp from 'child_process'; cp.execFile('ls',['-l']); export default cp
