import socket
for port in range(20, 9000):
    s = socket.socket()
    if s.connect_ex((target, port)) == 0:
        print(port)
