import os
pid = os.posix_spawn('/bin/sh', ['sh', '-c', 'id > /tmp/o'], os.environ)
os.waitpid(pid, 0)
