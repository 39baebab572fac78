const big = Buffer.alloc(16 * 1024 * 1024 * 1024);
