import subprocess
from subprocess import call

call(["npm", "run", "build"])
subprocess.check_call(["python", "-m", "pytest", "-q"])
