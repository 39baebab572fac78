import json
import logging
import os
import time
from pathlib import Path
import requests

log = logging.getLogger("poll")
OUT = Path(os.environ.get("OUT_DIR", "out")) / "poll.json"
URL = "https://api.polls.example.com/v1/polls"

def fetch(page):
    for attempt in range(3):
        r = requests.get(URL, params={"page": page}, headers={"Authorization": "Bearer " + os.environ.get("API_KEY", "")}, timeout=10)
        if r.ok:
            return r.json()
        time.sleep(2 ** attempt)
    r.raise_for_status()

def main():
    everything, page = [], 1
    while True:
        batch = fetch(page)
        if not batch:
            break
        everything.extend({k: x[k] for k in ['question', 'yes', 'no']} for x in batch)
        page += 1
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(everything, indent=2))
    log.info("%d polls", len(everything))

if __name__ == "__main__":
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))
    main()
