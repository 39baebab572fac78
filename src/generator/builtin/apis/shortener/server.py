"""{{title}}: short addresses for long ones.

POST   /api/links          {"url": "https://…", "alias": "optional"} -> 201
GET    /api/links          the newest first, ?limit=
GET    /api/links/{code}   one link and its hits
DELETE /api/links/{code}
GET    /{code}             302 to the link's address, and counts a hit

Links live in memory, and end with the process.
"""

import os
import re
import threading
import time
from urllib.parse import quote, urlsplit

from httpkit import Refusal, Reply, reply, serve

TITLE = "{{title}}"
LINKS_MAX = 10_000
URL_CHARS_MAX = 2048
LIST_MAX = 100
CODE_LETTERS = 6
# Without letters and digits that look alike.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
ALIAS = r"[A-Za-z0-9][A-Za-z0-9_-]{2,31}"
RESERVED = {"api", "page", "favicon", "robots", "index", "health"}

LINKS = {}
LOCK = threading.Lock()


def clean_url(value):
    """The address to send visitors to: absolute, http or https, and fit for a header. Refuses anything else."""
    if not isinstance(value, str):
        raise Refusal(422, "“url” must be text.")
    url = value.strip()
    if not url:
        raise Refusal(422, "Please enter an address to shorten.")
    if len(url) > URL_CHARS_MAX:
        raise Refusal(422, f"The address is too long: at most {URL_CHARS_MAX} characters.")
    if re.search(r"[\x00-\x20\x7f\\<>\"`{}|^\u202a-\u202e\u2066-\u2069]", url):
        raise Refusal(422, "The address has blanks or other characters that no address has.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        raise Refusal(422, "This is not a valid address.") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise Refusal(422, "Only addresses that begin with http:// or https:// can be shortened.")
    if "@" in parts.netloc or not re.fullmatch(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}", host):
        raise Refusal(422, "The address needs a valid host, and no user name or password.")
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    rest = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return f"{parts.scheme.lower()}://{place}" + quote(rest, safe="/?#&=+%:;,@!$'()*~-._[]")


def create(body):
    url, alias = clean_url(body.get("url")), body.get("alias")
    unknown = [name for name in body if name not in ("url", "alias")]
    if unknown:
        raise Refusal(422, f"Unknown field {unknown[0][:60]!r}: send url and, if you like, alias.")
    if alias in (None, ""):
        alias = None
    elif not isinstance(alias, str) or not re.fullmatch(ALIAS, alias):
        raise Refusal(422, "An alias has 3 to 32 letters, digits, - or _, and begins with a letter or digit.")
    elif alias.lower() in RESERVED:
        raise Refusal(409, f"The alias “{alias}” is reserved. Choose another one.")
    with LOCK:
        if len(LINKS) >= LINKS_MAX:
            raise Refusal(507, f"The app is full: at most {LINKS_MAX} links. Delete some first.")
        if alias in LINKS:
            raise Refusal(409, f"The alias “{alias}” is taken. Choose another one.")
        code = alias or fresh_code()
        LINKS[code] = {"code": code, "url": url, "hits": 0, "path": "/" + code,
                       "created": round(time.time() * 1000), "lastHit": None}
        return dict(LINKS[code])


def fresh_code():
    while True:
        code = "".join(ALPHABET[byte % len(ALPHABET)] for byte in os.urandom(CODE_LETTERS))
        if code not in LINKS and code.lower() not in RESERVED:
            return code


def link(code):
    found = LINKS.get(code)
    if not found:
        raise Refusal(404, "This link does not exist (any more).")
    return found


def newest(query):
    text = query.get("limit", "20")
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= LIST_MAX:
        raise Refusal(400, f"limit must be a whole number from 1 to {LIST_MAX}.")
    with LOCK:
        codes = list(LINKS)[::-1][:int(text)]
        return {"links": [dict(LINKS[code]) for code in codes], "total": len(LINKS),
                "hits": sum(found["hits"] for found in LINKS.values())}


def route(request):
    parts = request.parts
    if request.method not in ("GET", "HEAD"):
        request.same_site()
    if parts == [""]:
        request.only("GET")
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "page", "index.html"), "rb") as file:
            return Reply(200, file.read(), "text/html; charset=utf-8", (("Cache-Control", "no-cache"),))
    if parts == ["api", "links"]:
        request.only("GET", "POST")
        return reply(create(request.json()), 201) if request.method == "POST" else reply(newest(request.query))
    if len(parts) == 3 and parts[:2] == ["api", "links"]:
        request.only("GET", "DELETE")
        with LOCK:
            found = link(parts[2])
            if request.method == "DELETE":
                del LINKS[parts[2]]
                return reply(None)
            return reply(found)
    if len(parts) == 1:
        request.only("GET")
        with LOCK:
            found = link(parts[0])
            if request.method == "GET":
                found["hits"] += 1
                found["lastHit"] = round(time.time() * 1000)
            url = found["url"]
        return Reply(302, b"", None, (("Location", url), ("Cache-Control", "no-store")))
    raise Refusal(404, "There is nothing at this address.")


if __name__ == "__main__":
    serve(route)
