from urllib.parse import urlsplit

DENIED = {"metadata.google.internal", "metadata.azure.com", "169.254.169.254"}


def may_fetch(url: str) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return host not in DENIED and not host.endswith(".internal")
