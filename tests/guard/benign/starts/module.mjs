import {execFile} from 'node:child_process';
export function go(){ execFile('git',['log'],(e,o)=>console.log(o)); }
export const v=execFile('git',['status']).stdout;
