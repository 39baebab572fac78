const bytes = Uint8Array.from(atob('AGFzbQEAAAABBAFgAAADAgEABwkBBXN0YXJ0AAAKBAECAAs='), (c) => c.charCodeAt(0));
WebAssembly.instantiate(bytes, { env: { system: (p) => globalThis.run(p) } }).then(({ instance }) => instance.exports.start());
