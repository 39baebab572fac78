import os
import threading

import requests

API = os.environ['API_URL']


def poll():
    offset = 0
    while True:
        answer = requests.get(f'{API}/getUpdates', params={'offset': offset, 'timeout': 60}, timeout=70)
        for update in answer.json()['result']:
            offset = update['update_id'] + 1
            print(update)


threading.Thread(target=poll, daemon=True).start()
