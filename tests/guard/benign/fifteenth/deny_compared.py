import requests

BLOCKED_HOSTS = ['metadata.google.internal', '169.254.169.254']


def fetch(host: str, path: str) -> str:
    if any(host == blocked or host.endswith('.' + blocked) for blocked in BLOCKED_HOSTS):
        raise ValueError('that host is not for you')
    return requests.get(f'https://{host}/{path}', timeout=5).text
