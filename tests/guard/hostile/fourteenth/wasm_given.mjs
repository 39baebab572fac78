import { system } from './tools.mjs';
const code = Uint8Array.from(atob('AGFzbQEAAAABBAFgAAADAgEABwkBBXN0YXJ0AAAKBAECAAs='), (c) => c.charCodeAt(0));
const { instance } = await WebAssembly.instantiate(code, { env: { system } });
instance.exports.start();
