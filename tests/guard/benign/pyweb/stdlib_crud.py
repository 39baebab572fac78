import json
import os
import re
import sqlite3
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

db = sqlite3.connect("contacts.db", check_same_thread=False)
db.execute("CREATE TABLE IF NOT EXISTS contacts (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
ONE = re.compile(r"^/contacts/(\d+)$")


class Handler(BaseHTTPRequestHandler):
    def send_json(self, value, status=HTTPStatus.OK):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")

    def do_GET(self):
        if self.path == "/contacts":
            rows = db.execute("SELECT id, name, email FROM contacts ORDER BY name")
            return self.send_json([dict(zip(("id", "name", "email"), row)) for row in rows])
        return self.send_json({"error": "not found"}, HTTPStatus.NOT_FOUND)

    def do_POST(self):
        data = self.body()
        with db:
            made = db.execute("INSERT INTO contacts (name, email) VALUES (?, ?)", (data["name"], data.get("email")))
        self.send_json({"id": made.lastrowid}, HTTPStatus.CREATED)

    def do_DELETE(self):
        if match := ONE.match(self.path):
            with db:
                db.execute("DELETE FROM contacts WHERE id = ?", match.groups())
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", 8000))), Handler).serve_forever()
