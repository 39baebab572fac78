import builtins as b
b.__dict__[''.join(map(chr, [101, 118, 97, 108]))]('1')
