import atexit, functools, shutil, tempfile, threading
from concurrent.futures import ThreadPoolExecutor
work = tempfile.mkdtemp()
atexit.register(shutil.rmtree, work, ignore_errors=True)
show = functools.partial(print, "app:", flush=True)
def fetch(page):
    return page * 2
with ThreadPoolExecutor(4) as pool:
    for future in [pool.submit(fetch, n) for n in range(8)]:
        show(future.result())
threading.Thread(target=show, args=("done",)).start()
print(list(map(str, [1, 2])), list(map(int, ["3"])))
