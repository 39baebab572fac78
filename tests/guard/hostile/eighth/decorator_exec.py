@eval
@lambda f: f.__doc__
def _():
    "__import__('os').system('id')"
