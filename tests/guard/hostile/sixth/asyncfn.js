const AsyncFunction = Object.getPrototypeOf(async function () {}).constructor;
export const run = src => new AsyncFunction('input', src);
