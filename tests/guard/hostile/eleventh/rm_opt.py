import os, shutil
for d in os.listdir("/opt"):
    shutil.rmtree(f"/opt/{d}")
