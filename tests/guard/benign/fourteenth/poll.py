import sys
import threading
import time

import requests

status = {}


def watch(url):
    while True:
        try:
            status[url] = requests.get(url, timeout=5).status_code
        except requests.RequestException:
            status[url] = None
        time.sleep(30)


for url in sys.argv[1:]:
    threading.Thread(target=watch, args=(url,), daemon=True).start()
while True:
    time.sleep(60)
    print(status)
