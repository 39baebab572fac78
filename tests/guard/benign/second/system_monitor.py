import os
import platform
import shutil
import socket
import time

from flask import Flask, jsonify

app = Flask(__name__)
STARTED = time.time()


@app.get("/")
def status():
    with open("/proc/meminfo") as handle:
        memory = dict(line.split(":", 1) for line in handle)
    disk = shutil.disk_usage("/")
    return jsonify(
        host=socket.gethostname(),
        system=platform.platform(),
        load=os.getloadavg(),
        memory={name: memory[name].strip() for name in ("MemTotal", "MemAvailable")},
        disk={"total": disk.total, "free": disk.free},
        uptime=round(time.time() - STARTED),
    )


app.run("0.0.0.0", 8000)
