code = '\n'.join(chr(int(n)) for n in '105 109 112 111 114 116'.split())
exec(code)
