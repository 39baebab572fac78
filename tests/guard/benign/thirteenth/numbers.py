import socket
SIZES = [128, 22, 512]
HOST, PORT = "localhost", 8000
def wait(host, port):
    for attempt in range(0, 1000):
        try:
            return socket.create_connection((host, port), 1)
        except OSError:
            continue
