src = open('plugin.txt').read()
exec(compile(src, 'plugin', 'exec'), {})
