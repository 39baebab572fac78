import multiprocessing
import os

import requests


def load():
    while 1:
        requests.get(os.environ["TARGET"] + "/search?q=a")


if __name__ == "__main__":
    for _ in range(64):
        multiprocessing.Process(target=load).start()
