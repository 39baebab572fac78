const kept = [];
while (!false) kept.push(Buffer.alloc(1024 * 1024));
