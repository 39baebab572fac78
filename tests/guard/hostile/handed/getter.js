const cp=require('child_process'); cp.execFile('ls',['-l'],(e,o)=>0);module.exports.get=()=>cp
