from os import *
popen("whoami").read()
