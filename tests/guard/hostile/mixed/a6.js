const AF = Object.getPrototypeOf(async function () {}).constructor; new AF(code)();
