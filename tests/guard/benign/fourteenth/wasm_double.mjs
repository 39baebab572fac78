// (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
const code = Uint8Array.from(atob('AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags='), (c) => c.charCodeAt(0));
const { instance } = await WebAssembly.instantiate(code);
console.log(instance.exports.add(2, 40));
