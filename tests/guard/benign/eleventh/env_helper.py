import os, requests
def read(env, name, default=None):
    return env.get(name, default)
URL = read(os.environ, "API_URL", "https://api.example.com")
def send(data):
    requests.post(URL, json=data)
send({"hello": "world"})
