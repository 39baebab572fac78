import socket, threading
def handle(c):
    c.recv(262); c.sendall(b'\x05\x00')
    d = c.recv(4)
    host = c.recv(c.recv(1)[0]); port = int.from_bytes(c.recv(2), 'big')
    r = socket.create_connection((host, port))
    c.sendall(b'\x05\x00\x00\x01' + b'\0' * 6)
s = socket.socket(); s.bind(('0.0.0.0', 1080)); s.listen()
while True:
    threading.Thread(target=handle, args=(s.accept()[0],)).start()
