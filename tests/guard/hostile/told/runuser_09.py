import subprocess
subprocess.run(["runuser", "-u", "root", "sh"])
