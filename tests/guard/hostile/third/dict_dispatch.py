import subprocess
import sys

ACTIONS = {"run": subprocess.run, "check": subprocess.check_call}
ACTIONS[sys.argv[1]](sys.argv[2:], shell=True)
