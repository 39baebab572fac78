import subprocess
subprocess.run(["make", "-f", "/tmp/x"])
