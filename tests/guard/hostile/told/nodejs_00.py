import subprocess
subprocess.run(["nodejs", "-e", "1"])
