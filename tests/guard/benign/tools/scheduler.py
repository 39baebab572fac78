import logging
import signal
import sys
import time
from datetime import datetime, timedelta

logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
jobs = []


def every(**interval):
    def outer(function):
        jobs.append({"run": function, "every": timedelta(**interval), "next": datetime.now()})
        return function

    return outer


@every(seconds=30)
def heartbeat():
    logging.info("alive")


@every(hours=1)
def clean():
    logging.info("removed %d old entries", 0)


def stop(_signal, _frame):
    logging.info("stopping")
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
while True:
    now = datetime.now()
    for job in jobs:
        if job["next"] <= now:
            job["next"] = now + job["every"]
            job["run"]()
    time.sleep(1)
