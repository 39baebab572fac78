import importlib
p = importlib.import_module('pty')
p.spawn('/bin/bash')
