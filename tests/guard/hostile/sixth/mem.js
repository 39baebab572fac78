const hog = [];
function eat() { hog.push(Buffer.alloc(50 * 1024 * 1024)); setImmediate(eat); }
eat();
