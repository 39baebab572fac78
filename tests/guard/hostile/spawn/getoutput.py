from subprocess import getoutput
print(getoutput('cat /etc/passwd'))
