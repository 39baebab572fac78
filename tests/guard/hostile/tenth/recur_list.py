def bomb(d=[]):
    d.append(' ' * 1024 ** 3)
    return bomb(d)
bomb()
