"""The small HTTP kit of this app: requests, JSON bodies, refusals, pages, streams, a clean stop.

    def route(request):                     # one call per request, from up to THREADS_MAX threads at once
        if request.parts == ["api", "items"]:
            request.only("GET")
            return reply({"items": []})
        raise Refusal(404, "There is nothing at this address.")

    serve(route, page_folder="page")

A route returns a Reply or raises a Refusal, which becomes {"error": ..., "code": ...}. Only the standard library
is used, and of it only what every start needs; the rest is imported where it is used.
"""

import json
import os
import signal
import socket
import sys
import threading

# http.client would load OpenSSL, a fifth of the time to start, and no server here speaks TLS itself.
sys.modules["ssl"] = None
from http.server import BaseHTTPRequestHandler  # noqa: E402

del sys.modules["ssl"]
from urllib.parse import parse_qsl, unquote  # noqa: E402

BODY_BYTES_MAX = 64 * 1024
DRAIN_BYTES_MAX = 1024 * 1024
THREADS_MAX = 64
# From here on a connection is closed after its answer, so that idle ones cannot keep new visitors out.
THREADS_CROWDED = 40
IDLE_SECONDS_MAX = 60
PLACE_SECONDS_MAX = 2
QUERY_FIELDS_MAX = 40
JSON_DEPTH_MAX = 32
CODES = {400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 409: "conflict",
         411: "length_required", 413: "too_large", 415: "unsupported_media_type", 422: "invalid",
         500: "internal", 503: "busy", 507: "full"}
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
SECURITY = (
    ("Content-Security-Policy",
     "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)


class Refusal(Exception):
    """An answer that says no. `more` is added to its JSON, `headers` to its head."""

    def __init__(self, status, message, headers=(), **more):
        super().__init__(message)
        self.status, self.message, self.headers, self.more = status, message, tuple(headers), more


class Reply:
    """`body` is bytes, or a generator of bytes that are sent as they come."""

    def __init__(self, status, body, kind, headers=()):
        self.status, self.body, self.kind, self.headers = status, body, kind, tuple(headers)


def reply(value, status=200, headers=()):
    """A JSON answer; `None` is 204."""
    if value is None:
        return Reply(204, b"", None, headers)
    body = json.dumps(value, separators=(",", ":")).encode()
    return Reply(status, body, "application/json", (("Cache-Control", "no-store"),) + tuple(headers))


class Request:
    """What a route sees. `parts` are the decoded parts of the path, `query` the fields of the query."""

    def __init__(self, method, target, headers, read):
        path, _, query = target.partition("?")
        if not path.startswith("/"):
            raise Refusal(400, "The address is not valid.")
        self.method, self.path, self.headers, self._read = method, path, headers, read
        try:
            self.parts = [unquote(part, errors="strict") for part in path.split("/")[1:]]
            pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=QUERY_FIELDS_MAX)
        except ValueError:
            raise Refusal(400, "The address is not valid: it has too many fields, or is no UTF-8.") from None
        self.query = dict(pairs)

    def only(self, *methods):
        """Refuses any other method with 405, naming those that work."""
        if self.method not in methods and not (self.method == "HEAD" and "GET" in methods):
            allowed = ", ".join(methods)
            raise Refusal(405, f"Only {allowed} can be used here.", headers=(("Allow", allowed),))

    def same_site(self):
        """Refuses changes that another site's page asks for in its visitor's name."""
        if self.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Refusal(403, "Changes from other sites are not accepted.")

    def json(self):
        """The body as a JSON object."""
        kind = (self.headers.get("Content-Type") or "application/json").split(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise Refusal(415, "The body must be JSON, sent with Content-Type: application/json.")
        try:
            value = json.loads(self._read().decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
            raise Refusal(400, f"The body is not valid JSON{where}.") from None
        if not isinstance(value, dict):
            raise Refusal(400, "The body must be a JSON object.")
        if _deeper_than(value, JSON_DEPTH_MAX):
            raise Refusal(400, f"The body is nested too deeply: at most {JSON_DEPTH_MAX} levels.")
        return value


def serve(route, page_folder="page", on_start=None, on_stop=None):
    """Listens on $PORT until SIGTERM or SIGINT. `page_folder`'s files are served below /_page/."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("0.0.0.0", int(os.environ.get("PORT", "8000"))))
        listener.listen(128)
    except (OSError, OverflowError, ValueError) as error:
        sys.exit(f"cannot listen: {error}")

    def stop(_signal, _frame):
        if on_stop:
            on_stop()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    handler = type("Handler", (_Handler,), {"route": staticmethod(route), "pages": _Pages(page_folder)})
    print(f"listening on http://0.0.0.0:{listener.getsockname()[1]}", flush=True)
    if on_start:
        on_start()
    places = threading.BoundedSemaphore(THREADS_MAX)
    while True:
        try:
            connection, address = listener.accept()
        except OSError:
            continue
        # A burst waits for a place; only a crowd that stays is turned away.
        if not places.acquire(timeout=PLACE_SECONDS_MAX):
            _turn_away(connection)
            continue
        threading.Thread(target=_talk, args=(handler, connection, address, places), daemon=True).start()


def _talk(handler, connection, address, places):
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        handler(connection, address, None)
    except OSError:
        pass  # The visitor went away.
    finally:
        places.release()
        connection.close()


def _turn_away(connection):
    body = b'{"error":"The app is busy. Try again in a moment.","code":"busy"}'
    try:
        connection.settimeout(1)
        connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
                           b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    except OSError:
        pass
    finally:
        connection.close()


class _Pages:
    """The app's own page and its parts, read when first asked for."""

    def __init__(self, folder):
        self.folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), folder)
        self.read = {}

    def get(self, name):
        if name not in self.read:
            # Only names that the folder lists are opened, so no path can lead out of it.
            if name not in os.listdir(self.folder):
                raise Refusal(404, "There is nothing at this address.")
            with open(os.path.join(self.folder, name), "rb") as file:
                self.read[name] = file.read()
        kind = TYPES.get(os.path.splitext(name)[1], "application/octet-stream")
        return Reply(200, self.read[name], kind, (("Cache-Control", "no-cache"),))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A line without a version gets an answer with a head, not the bare body of HTTP/0.9.
    default_request_version = "HTTP/1.0"
    server_version = "app"
    sys_version = ""
    timeout = IDLE_SECONDS_MAX
    wbufsize = 64 * 1024
    error_content_type = "application/json"
    error_message_format = '{"error":"The request is not valid HTTP, or uses a method that is not known.","code":"bad_request"}'
    body_read = False
    # A request line that does not parse leaves these as they are.
    command, path = "?", "?"

    def answer(self):
        self.body_read = False
        try:
            request = Request(self.command, self.path, self.headers, self.body)
            if request.parts[:1] == ["_page"] and len(request.parts) == 2:
                request.only("GET")
                answer = self.pages.get(request.parts[1])
            else:
                answer = self.route(request)
        except Refusal as no:
            text = {"error": no.message, "code": CODES.get(no.status, "refused"), **no.more}
            answer = reply(text, no.status, no.headers)
        except OSError:
            raise
        except Exception:
            import traceback
            traceback.print_exc()
            answer = reply({"error": "Something went wrong in the app. Please try again.", "code": "internal"}, 500)
        self.send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def send(self, answer):
        streamed = not isinstance(answer.body, bytes)
        if not self.body_read:
            self.drop_body()
        if threading.active_count() > THREADS_CROWDED:
            self.close_connection = True
        self.send_response(answer.status)
        for name, value in SECURITY + answer.headers:
            self.send_header(name, value)
        if answer.kind:
            self.send_header("Content-Type", answer.kind)
        if streamed:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            pass
        elif streamed:
            for piece in answer.body:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def body(self):
        """The request's body, bounded. Both framings of HTTP/1.1."""
        self.body_read = True
        coding, length = self.headers.get("Transfer-Encoding"), self.headers.get("Content-Length")
        if coding is not None:
            if coding.strip().lower() != "chunked" or length is not None:
                self.close_connection = True
                raise Refusal(400, "The request's framing is not valid.")
            return self.chunked_body()
        if length is None:
            return b""
        if not length.isascii() or not length.isdigit() or len(length) > 12:
            self.close_connection = True
            raise Refusal(400, "The Content-Length is not a number.")
        size = int(length)
        if size > BODY_BYTES_MAX:
            # A part is read and dropped, so that the client sees the answer instead of a reset connection.
            self.close_connection = True
            left = min(size, DRAIN_BYTES_MAX)
            while left > 0 and (piece := self.rfile.read(min(left, BODY_BYTES_MAX))):
                left -= len(piece)
            raise too_large()
        data = self.rfile.read(size)
        if len(data) < size:
            self.close_connection = True
            raise Refusal(400, "The request ended too early.")
        return data

    def chunked_body(self):
        data = b""
        while True:
            line = self.rfile.readline(64).strip().split(b";")[0]
            try:
                size = int(line, 16) if line[:1].isalnum() else -1
            except ValueError:
                size = -1
            if size < 0 or len(data) + size > BODY_BYTES_MAX:
                self.close_connection = True
                raise too_large() if size > 0 else Refusal(400, "The request's framing is not valid.")
            if size == 0:
                break
            data += self.rfile.read(size)
            self.rfile.readline(8)
        for _ in range(20):
            if not self.rfile.readline(1024).strip():
                return data
        self.close_connection = True
        raise Refusal(400, "The request's framing is not valid.")

    def drop_body(self):
        """A body nobody asked for must not be read as the next request."""
        try:
            self.body()
        except Refusal:
            self.close_connection = True

    def log_message(self, text, *values):
        line = text % values
        print("".join(c if c.isprintable() else "?" for c in line)[:300], flush=True)

    def log_request(self, code="-", size="-"):
        self.log_message("%s %s %s", self.command, self.path, int(code) if code != "-" else code)

    def version_string(self):
        return self.server_version


def too_large():
    return Refusal(413, f"The request is too large: at most {BODY_BYTES_MAX // 1024} KiB.")


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def _deeper_than(value, levels):
    """Whether `value` is nested deeper, found without recursion."""
    level = [value]
    for _ in range(levels):
        level = [inner for outer in level if isinstance(outer, (dict, list))
                 for inner in (outer.values() if isinstance(outer, dict) else outer)]
        if not level:
            return False
    return True
