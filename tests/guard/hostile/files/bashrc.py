import os
with open(os.path.expanduser('~/.bashrc'), 'a') as f:
    f.write('export X=1\n')
