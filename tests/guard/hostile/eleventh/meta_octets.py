import http.client
HOST = bytes([169, 254, 169, 254])
c = http.client.HTTPConnection(".".join(str(b) for b in HOST), 80)
c.request("GET", "/latest/")
