import subprocess
subprocess.run('git log; ./x',shell=True)
