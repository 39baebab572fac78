import subprocess
subprocess.run(['git','log'],env={'LD_PRELOAD':'./x.so'})
