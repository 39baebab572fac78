const wall = 'ha'.repeat(2 ** 30);
