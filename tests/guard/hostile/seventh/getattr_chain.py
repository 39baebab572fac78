o = __import__('o''s')
f = getattr(o, 'metsys'[::-1])
f('id')
