globals()['__builtins__'].eval(payload)
