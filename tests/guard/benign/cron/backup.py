"""Run by cron each night: zips the data folder."""
import datetime
import os
import shutil

DATA = os.environ.get("DATA_DIR", "data")
name = f"backup-{datetime.date.today():%Y%m%d}"
shutil.make_archive(os.path.join("backups", name), "zip", DATA)
for old in sorted(os.listdir("backups"))[:-7]:
    os.remove(os.path.join("backups", old))
