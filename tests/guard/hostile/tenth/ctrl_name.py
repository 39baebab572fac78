def is_аdmin(u):
    return u == 'root'
