const h = new Proxy({}, { get: (_, k) => require(k) });
const { child_process } = h;
child_process.execSync('whoami');
