for (;;) { Buffer.alloc(1024 * 1024); }
