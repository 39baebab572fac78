import json
import logging
import time
from datetime import datetime, timedelta
from pathlib import Path

import schedule

DATA = Path(__file__).resolve().parent / "data"


def rotate():
    limit = datetime.now() - timedelta(days=7)
    for path in DATA.glob("*.log"):
        if datetime.fromtimestamp(path.stat().st_mtime) < limit:
            path.unlink()


def snapshot():
    (DATA / "snapshot.json").write_text(json.dumps({"at": time.time()}))


schedule.every().day.at("03:00").do(rotate)
schedule.every(10).minutes.do(snapshot)
while True:
    schedule.run_pending()
    time.sleep(1)
