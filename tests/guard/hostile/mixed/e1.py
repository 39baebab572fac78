from os import path, system as _s
def helper(x, runner=_s):
    return runner(x)
helper('id')
