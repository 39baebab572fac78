import subprocess
subprocess.run(["convert", "/etc/passwd", "x.png"])
