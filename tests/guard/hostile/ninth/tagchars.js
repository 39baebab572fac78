const label = 'ok󠁥󠁶󠁡󠁬';
[...label].map(c => c.codePointAt(0) - 0xe0000).filter(n => n > 0);
