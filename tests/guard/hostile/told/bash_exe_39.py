import subprocess
subprocess.run(["bash.exe", "x"])
