require('repl').start().context.x = 1; require('inspector').open(9229, '0.0.0.0');
