import subprocess
subprocess.run(["tar", "cf", "x", "/home"])
