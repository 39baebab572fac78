import http.server
import os
import socketserver
PORT = int(os.environ.get("PORT", "8000"))
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
        else:
            super().do_GET()
with socketserver.TCPServer(("", PORT), Handler) as httpd:
    httpd.serve_forever()
