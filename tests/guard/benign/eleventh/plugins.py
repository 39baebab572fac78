import importlib
PLUGINS = {"csv": "app.plugins.csv", "json": "app.plugins.json"}
def load(kind):
    return importlib.import_module(PLUGINS[kind])
HANDLERS = {"upper": str.upper, "lower": str.lower}
def handle(name, text):
    return HANDLERS.get(name, str.strip)(text)
