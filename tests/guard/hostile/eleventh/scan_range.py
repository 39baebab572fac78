import socket, sys
for port in range(1, 65536):
    s = socket.socket()
    s.settimeout(0.1)
    if s.connect_ex((sys.argv[1], port)) == 0:
        print(port)
