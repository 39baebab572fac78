"""{{title}}: a JSON API that keeps what schema.json describes.

GET    /                    this API, described (a page for browsers, JSON for programs)
GET    /openapi.json        the same for tools
GET    /{collection}        ?limit= &offset= &sort=field or -field &q=text &{field}=value
POST   /{collection}        201 and the new item, or 422 and every field that is wrong
GET, PUT, PATCH, DELETE     /{collection}/{id}

Items live in memory, and end with the process.
"""

import json
import os
import re
import threading
from datetime import date, datetime, timezone

from httpkit import Refusal, Reply, reply, serve

TITLE = "{{title}}"
ITEMS_MAX = 10_000
STORED_BYTES_MAX = 32 * 1024 * 1024
PAGE_DEFAULT, PAGE_MAX = 20, 100
STRING_CHARS_MAX, TEXT_CHARS_MAX, QUERY_CHARS_MAX = 500, 10_000, 200
INTEGER_MAX = 2**53 - 1
OWN_FIELDS = ("id", "created_at", "updated_at")
CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"),
    ("Access-Control-Allow-Headers", "Content-Type"),
)

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.json"), encoding="utf-8") as _file:
    SCHEMA = json.load(_file)


# --- What a value must be ------------------------------------------------------------------------------------------

def read_string(value, limit=STRING_CHARS_MAX):
    if not isinstance(value, str):
        return None, "must be text"
    clean = value.strip()
    if not clean:
        return None, "must not be empty"
    if len(clean) > limit:
        return None, f"must have at most {limit} characters"
    return clean, None


def read_text(value):
    return read_string(value, TEXT_CHARS_MAX)


def read_integer(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or value in INFINITE:
        return None, "must be a whole number"
    if value != int(value):
        return None, "must be a whole number"
    if abs(value) > INTEGER_MAX:
        return None, f"must be between {-INTEGER_MAX} and {INTEGER_MAX}"
    return int(value), None


def read_number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or value in INFINITE:
        return None, "must be a number"
    if abs(value) > 1e300:
        return None, "is too large"
    return value, None


def read_boolean(value):
    return (value, None) if isinstance(value, bool) else (None, "must be true or false")


def read_date(value):
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value).isoformat(), None
    except ValueError:
        pass
    return None, "must be a date like 2026-01-31"


def read_datetime(value):
    shape = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?"
    try:
        if isinstance(value, str) and re.fullmatch(shape, value):
            return datetime.fromisoformat(value.replace("Z", "+00:00")).isoformat(), None
    except ValueError:
        pass
    return None, "must be a time like 2026-01-31T09:30:00Z"


def read_email(value):
    if isinstance(value, str) and len(value) <= 254 and re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+", value.strip()):
        return value.strip(), None
    return None, "must be an e-mail address"


def read_url(value):
    if isinstance(value, str) and len(value) <= 2048 and re.fullmatch(r"https?://[^\s/?#<>\"]+[^\s<>\"]*", value.strip()):
        return value.strip(), None
    return None, "must be an address that begins with http:// or https://"


INFINITE = (float("inf"), float("-inf"))
READERS = {"string": read_string, "text": read_text, "integer": read_integer, "number": read_number,
           "boolean": read_boolean, "date": read_date, "datetime": read_datetime, "email": read_email, "url": read_url}


# --- Collections ---------------------------------------------------------------------------------------------------

class Store:
    """All collections, behind one lock and one bound on what they hold together."""

    def __init__(self, resources):
        self.lock = threading.Lock()
        self.resources = {resource["name"]: resource for resource in resources}
        self.items = {name: {} for name in self.resources}
        self.sizes = {name: {} for name in self.resources}
        self.next_id = {name: 1 for name in self.resources}
        self.bytes = 0

    def put(self, name, key, item):
        size = len(json.dumps(item))
        grown = self.bytes - self.sizes[name].get(key, 0) + size
        if grown > STORED_BYTES_MAX or (key not in self.items[name] and len(self.items[name]) >= ITEMS_MAX):
            raise Refusal(507, f"The app is full: at most {ITEMS_MAX} {name}, and 32 MiB in all. Delete some first.")
        self.bytes = grown
        self.items[name][key], self.sizes[name][key] = item, size

    def get(self, name, key):
        if key not in self.items[name]:
            raise Refusal(404, f"There is no item {key} in {name}.")
        return self.items[name][key]

    def remove(self, name, key):
        self.get(name, key)
        del self.items[name][key]
        self.bytes -= self.sizes[name].pop(key)


STORE = Store(SCHEMA["resources"])


def validate(resource, body, partial=False):
    """The clean values of `body`; refuses with every field that is wrong, not only the first."""
    fields = {field["name"]: field for field in resource["fields"]}
    problems = [{"field": name[:60], "problem": "is not a field of this collection"}
                for name in body if name not in fields and name not in OWN_FIELDS]
    values = {}
    for name, field in fields.items():
        if name not in body:
            if partial:
                continue
            if field["required"]:
                problems.append({"field": name, "problem": "is required"})
            values[name] = False if field["type"] == "boolean" else None
        elif body[name] is None:
            if field["required"]:
                problems.append({"field": name, "problem": "is required"})
            values[name] = None
        else:
            values[name], problem = READERS[field["type"]](body[name])
            if problem:
                problems.append({"field": name, "problem": problem})
    if problems:
        told = ", ".join(f"{problem['field']} {problem['problem']}" for problem in problems[:3])
        raise Refusal(422, f"Please correct: {told}.", fields=problems[:50])
    return values


def listing(resource, query):
    limit, offset = whole(query, "limit", PAGE_DEFAULT, 1, PAGE_MAX), whole(query, "offset", 0, 0, ITEMS_MAX)
    fields = {field["name"]: field["type"] for field in resource["fields"]}
    fields.update({"id": "integer", "created_at": "datetime", "updated_at": "datetime"})
    unknown = [name for name in query if name not in fields and name not in ("limit", "offset", "sort", "q")]
    if unknown:
        raise Refusal(400, f"Unknown query field {unknown[0][:60]!r}: use limit, offset, sort, q, {', '.join(fields)}.")
    with STORE.lock:
        rows = list(STORE.items[resource["name"]].values())
    # A field may be called like a parameter; the parameter wins.
    for name in [name for name in query if name in fields and name not in ("limit", "offset", "sort", "q")]:
        wanted = query[name].strip().casefold()
        rows = [row for row in rows if shown(row[name]).casefold() == wanted or same_number(row[name], wanted)]
    if query.get("q"):
        text = query["q"][:QUERY_CHARS_MAX].casefold()
        rows = [row for row in rows if any(isinstance(value, str) and text in value.casefold() for value in row.values())]
    if query.get("sort"):
        rows = in_order(rows, query["sort"], fields)
    page = rows[offset:offset + limit]
    return {"items": page, "total": len(rows), "limit": limit, "offset": offset}


def in_order(rows, sort, fields):
    name, backwards = sort.lstrip("-"), sort.startswith("-")
    if name not in fields:
        raise Refusal(400, f"Cannot sort by {name[:60]!r}: use one of {', '.join(fields)}.")
    known = [row for row in rows if row[name] is not None]
    known.sort(key=lambda row: row[name].casefold() if isinstance(row[name], str) else row[name], reverse=backwards)
    return known + [row for row in rows if row[name] is None]


def shown(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def same_number(value, text):
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value == float(text)
    except ValueError:
        return False


def whole(query, name, default, low, high):
    text = query.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise Refusal(400, f"{name} must be a whole number from {low} to {high}.")
    return int(text)


# --- Requests ------------------------------------------------------------------------------------------------------

def route(request):
    try:
        answer = find(request)
    except Refusal as no:
        no.headers += CORS
        raise
    answer.headers += CORS
    return answer


def find(request):
    parts = request.parts
    if request.method == "OPTIONS":
        return reply(None)
    if parts == [""]:
        request.only("GET")
        return index(request)
    if parts == ["openapi.json"]:
        request.only("GET")
        from openapi import describe
        return reply(describe(SCHEMA))
    if len(parts) > 1 and parts[-1] == "":
        parts = parts[:-1]
    resource = STORE.resources.get(parts[0])
    if not resource or len(parts) > 2:
        known = ", ".join("/" + name for name in STORE.resources)
        raise Refusal(404, f"There is nothing at this address. This API has {known} and /openapi.json.")
    return collection(request, resource) if len(parts) == 1 else single(request, resource, parts[1])


def index(request):
    if "text/html" in (request.headers.get("Accept") or ""):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "page", "index.html"), "rb") as file:
            return Reply(200, file.read(), "text/html; charset=utf-8", (("Cache-Control", "no-cache"), ("Vary", "Accept")))
    with STORE.lock:
        counts = {name: len(items) for name, items in STORE.items.items()}
    resources = [{**resource, "path": "/" + resource["name"], "total": counts[resource["name"]]}
                 for resource in SCHEMA["resources"]]
    return reply({"title": TITLE, "resources": resources, "openapi": "/openapi.json"}, headers=(("Vary", "Accept"),))


def collection(request, resource):
    request.only("GET", "POST")
    if request.method != "POST":
        return reply(listing(resource, request.query))
    values = validate(resource, request.json())
    name, now = resource["name"], timestamp()
    with STORE.lock:
        key = STORE.next_id[name]
        item = {"id": key, **values, "created_at": now, "updated_at": now}
        STORE.put(name, key, item)
        STORE.next_id[name] = key + 1
    return reply(item, 201, headers=(("Location", f"/{name}/{key}"),))


def single(request, resource, key):
    request.only("GET", "PUT", "PATCH", "DELETE")
    name = resource["name"]
    if not re.fullmatch(r"[1-9][0-9]{0,11}", key):
        raise Refusal(404, f"Items of {name} are numbered: {key[:40]!r} is no number.")
    key = int(key)
    if request.method in ("PUT", "PATCH"):
        body = request.json()
        with STORE.lock:
            old = STORE.get(name, key)
            values = validate(resource, body, partial=request.method == "PATCH")
            item = {**old, **values, "updated_at": timestamp()}
            STORE.put(name, key, item)
        return reply(item)
    with STORE.lock:
        if request.method == "DELETE":
            STORE.remove(name, key)
            return reply(None)
        return reply(STORE.get(name, key))


def timestamp():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    serve(route)
