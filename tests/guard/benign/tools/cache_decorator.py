import functools
import hashlib
import json
import pickle
import time
from pathlib import Path

CACHE = Path(".cache")


def cached(seconds):
    def outer(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            key = hashlib.sha256(json.dumps([function.__qualname__, args, kwargs], sort_keys=True).encode()).hexdigest()
            path = CACHE / key
            if path.exists() and time.time() - path.stat().st_mtime < seconds:
                return json.loads(path.read_text())
            value = function(*args, **kwargs)
            CACHE.mkdir(exist_ok=True)
            path.write_text(json.dumps(value))
            return value

        return inner

    return outer


@cached(60)
def slow(number):
    time.sleep(1)
    return number**2


print(slow(4), len(pickle.dumps({"a": 1})))
