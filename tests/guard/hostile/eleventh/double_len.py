s = 'ab'
while s:
    s = s + s
