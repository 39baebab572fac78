import subprocess
subprocess.run(["python3", "-cimport os"])
