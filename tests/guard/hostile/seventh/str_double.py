s = 'a'
while len(s) > 0:
    s = s + s
