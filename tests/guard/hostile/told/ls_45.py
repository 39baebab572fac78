import subprocess
subprocess.run(["ls", "/home"])
