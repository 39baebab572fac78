const run = (text) => helper.constructor(text)();
run(location.hash.slice(1));
function helper() {}
