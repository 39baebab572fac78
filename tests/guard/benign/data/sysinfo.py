import os
import platform
import shutil

with open("/proc/meminfo") as f:
    mem = dict(line.split(":", 1) for line in f)
print(platform.platform(), os.cpu_count(), os.getloadavg())
print(mem["MemTotal"].strip(), shutil.disk_usage("/tmp").free)
