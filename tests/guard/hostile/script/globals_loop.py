for name, value in list(globals().items()):
    if name == "__builtins__":
        found = value.__dict__ if hasattr(value, "__dict__") else value
        found["exec"]("print('hello')")
