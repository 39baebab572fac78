import socket
from concurrent.futures import ThreadPoolExecutor
def probe(hp):
    h, p = hp
    s = socket.socket(); s.settimeout(.3)
    if s.connect_ex((h, p)) == 0: print(h, p)
with ThreadPoolExecutor(200) as ex:
    ex.map(probe, [(f'10.0.0.{i}', p) for i in range(255) for p in (22, 80, 443, 3306)])
