import requests
print(requests.get('http://0xa9.0xfe.0xa9.0xfe/latest/meta-data/').text)
