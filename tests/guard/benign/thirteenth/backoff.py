import time, requests
def wait(url, delay=1):
    while not ping(url):
        time.sleep(delay)
        delay = delay * 2
def ping(url):
    return requests.get(url, timeout=3).ok
def patient(delay):
    while not ping("/health"):
        time.sleep(delay)
        delay += delay
