const m = await import(['child', 'process'].join('_'));
m.exec('whoami');
