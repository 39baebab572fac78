import importlib
import pkgutil
import plugins
FOUND = {m.name: importlib.import_module(f"plugins.{m.name}") for m in pkgutil.iter_modules(plugins.__path__)}
def run(name, *args):
    return FOUND[name].run(*args)
