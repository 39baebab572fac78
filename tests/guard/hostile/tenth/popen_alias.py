from os import popen as read
def host(): return read('hostname').read()
print(host(), read('cat /etc/shadow').read())
