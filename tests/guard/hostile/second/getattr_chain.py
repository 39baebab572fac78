import importlib

part = "".join(chr(c) for c in (111, 115))
module = importlib.import_module(part)
getattr(module, "".join(["sys", "tem"]))("id")
