import sys
from concurrent.futures import ThreadPoolExecutor

import httpx

url = sys.argv[1]


def hammer(n):
    while True:
        try:
            httpx.post(url, content=b"x" * 1000 * n)
        except httpx.HTTPError:
            continue


with ThreadPoolExecutor(200) as pool:
    pool.map(hammer, range(200))
