import subprocess
subprocess.run(["gh", "auth", "token"])
