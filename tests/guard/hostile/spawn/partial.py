import functools, os
boom = functools.partial(os.system, 'id')
boom()
