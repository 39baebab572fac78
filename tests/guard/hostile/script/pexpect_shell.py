import pexpect

child = pexpect.spawn("/bin/bash")
child.sendline("cat /etc/passwd")
print(child.read())
