import subprocess
subprocess.run(['ls','-l'],executable='/bin/sh')
