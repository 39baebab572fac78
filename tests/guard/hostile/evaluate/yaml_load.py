import yaml, requests
cfg = yaml.load(requests.get('https://config.example.net/a.yml').text)
