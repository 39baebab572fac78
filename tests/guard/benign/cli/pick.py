import getpass
import platform
import socket

print(platform.system(), socket.gethostname(), getpass.getuser())
password = getpass.getpass("Password: ")
print("strong" if len(password) > 12 else "weak")
