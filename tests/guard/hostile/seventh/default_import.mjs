import cp from 'child_process';
export default (name) => new Promise((ok) => cp['exec']('ping -c1 ' + name, (e, out) => ok(out)));
