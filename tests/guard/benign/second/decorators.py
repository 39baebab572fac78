import functools
import time


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            print(f"{function.__name__} took {time.perf_counter() - started:.3f} s")

    return wrapper


class Registry:
    def __init__(self):
        self.commands = {}

    def command(self, name):
        def register(function):
            self.commands[name] = function
            return function

        return register


registry = Registry()


@registry.command("compile")
@timed
def compile_site():
    return "done"


@property
def nothing(self):
    return None


@functools.lru_cache(maxsize=None)
def square(n):
    return n * n


print(registry.commands["compile"](), square(4))
