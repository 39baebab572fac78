import hashlib
import pickle
from pathlib import Path

CACHE = Path(".cache")
CACHE.mkdir(exist_ok=True)

def cached(fn):
    def inner(*args):
        key = CACHE / hashlib.md5(repr(args).encode()).hexdigest()
        if key.exists():
            with open(key, "rb") as f:
                return pickle.load(f)
        value = fn(*args)
        with open(key, "wb") as f:
            pickle.dump(value, f)
        return value
    return inner
