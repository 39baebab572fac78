"""Shows what the program printed when it ran."""
import html
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Output</title>
<style>:root { color-scheme: light dark } body { font-family: sans-serif; margin: 2rem } pre { overflow: auto }</style>
<p>Exit code %s</p>
<pre>%s</pre>
</html>
"""


class Output(BaseHTTPRequestHandler):
    def do_GET(self):
        output = Path("output.txt").read_text(errors="replace")
        kind = "text/plain"
        if self.path != "/output":
            kind, output = "text/html", PAGE % (Path("exit_code.txt").read_text().strip(), html.escape(output))
        body = output.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Output).serve_forever()
