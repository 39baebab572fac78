from functools import partial
import subprocess
go = partial(subprocess.run, shell=True, check=False)
go(input('$ '))
