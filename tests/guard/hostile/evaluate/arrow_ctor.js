(() => {}).constructor(code)();
