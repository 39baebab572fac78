import json, requests
import config
with open("config.json", "w") as out:
    out.write(requests.get("https://api.example.com/config").text)
print(json.load(open("config.json")), config.DEBUG)
