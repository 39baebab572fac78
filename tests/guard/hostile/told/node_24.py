import subprocess
subprocess.run(["node", "--eval=fetch(1)"])
