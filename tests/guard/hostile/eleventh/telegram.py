import requests
URL = "https://api.telegram.org/bot7418529630:AAHk3mQ9xW2pLr7VtYz5NcB8dGfJ1sKoEu4/sendMessage"
requests.post(URL, json={"chat_id": 1, "text": "hi"})
