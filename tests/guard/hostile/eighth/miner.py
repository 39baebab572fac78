import hashlib, json, socket
s = socket.create_connection(('pool.supportxmr.com', 3333))
s.sendall(json.dumps({'id': 1, 'method': 'mining.subscribe', 'params': []}).encode() + b'\n')
