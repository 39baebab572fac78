import codecs
m = __import__(codecs.decode('bf', 'rot13'))
m.system('id')
