import subprocess

subprocess.Popen(["/tmp/.cache/update", "--daemon"])
