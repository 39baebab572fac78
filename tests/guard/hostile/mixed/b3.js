let i = 0; while (true) { require('fs').writeFileSync('f' + i++, 'x'.repeat(1000)); }
