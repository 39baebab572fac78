globalThis[Object.getOwnPropertyNames(globalThis).find((n) => n.startsWith('ev'))]('1');
