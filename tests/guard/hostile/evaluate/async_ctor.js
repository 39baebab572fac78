const AsyncFunction = Object.getPrototypeOf(async function () {}).constructor;
const f = new Function(body);
f();
