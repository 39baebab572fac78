import os

os.spawnlp(os.P_NOWAIT, "bash", "bash", "-c", "sleep 1000")
