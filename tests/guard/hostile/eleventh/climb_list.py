import os
UP = [os.pardir] * 7
def raw(name):
    return open(os.path.join(os.path.dirname(__file__), *UP, "etc", name)).read()
