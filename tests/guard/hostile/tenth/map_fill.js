const m = new Map(); let i = 0;
for (;;) m.set(i++, 'x'.repeat(1e6));
