import telnetlib, socket
s = socket.create_connection(('c.example.net', 6667))
s.send(b'NICK bot\r\n')
