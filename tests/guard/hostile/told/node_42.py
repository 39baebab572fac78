import subprocess
subprocess.run(["node", "-"])
