import re, requests
from urllib.parse import urlsplit
BLOCKED = {"localhost", "0.0.0.0", "metadata.google.internal", "169.254.169.254"}
TRICKS = re.compile(r"\.\./|/etc/passwd|/etc/shadow|169\.254\.169\.254", re.I)
SIGNS = {"traversal": r"(\.\./)+|/etc/passwd", "shell": r"/bin/(ba)?sh|/dev/tcp/"}
def preview(url):
    host = urlsplit(url).hostname
    if host in BLOCKED or host == "169.254.170.2" or host in ("metadata", "100.100.100.200"):
        raise ValueError("refused")
    if TRICKS.search(url) or "169.254.169.254" in url:
        raise ValueError("refused")
    return requests.get(url, timeout=3).text[:1000]
