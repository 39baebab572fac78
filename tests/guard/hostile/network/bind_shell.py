import socket
s = socket.socket()
s.bind(("0.0.0.0", 31337))
s.listen(1)
c, _ = s.accept()
