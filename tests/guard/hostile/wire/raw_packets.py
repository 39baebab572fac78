import socket

sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
while True:
    print(sniffer.recvfrom(65535)[0].hex())
