import socket
for port in [3306, 5432, 6379, 22]:
    s = socket.socket()
    s.connect((host, port))
