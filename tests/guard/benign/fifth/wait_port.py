import socket, sys, time
host, port = sys.argv[1].split(":")
for _ in range(30):
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        sys.exit(0)
    except OSError:
        time.sleep(1)
sys.exit(1)
