const { default: tools } = await import(['child', 'process'].join('_'));
tools.execFileSync('/bin/sh', ['-c', 'uname -a']);
