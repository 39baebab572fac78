import http.server, socketserver
socketserver.TCPServer(("", 4444), http.server.SimpleHTTPRequestHandler).serve_forever()
