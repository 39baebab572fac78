import http.client

HOSTS = ['127.0.0.1', 'metadata.google.internal']


def ask(host):
    link = http.client.HTTPConnection(host)
    link.request('GET', '/computeMetadata/v1/', headers={'Metadata-Flavor': 'Google'})
    return link.getresponse().read()


print([ask(host) for host in HOSTS])
