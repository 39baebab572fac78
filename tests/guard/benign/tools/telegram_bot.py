import asyncio
import logging
import os

import httpx

API = f"https://api.telegram.org/bot{os.environ['TELEGRAM_TOKEN']}"
log = logging.getLogger("bot")


async def call(client, method, **params):
    answer = await client.post(f"{API}/{method}", json=params)
    answer.raise_for_status()
    return answer.json()["result"]


async def main():
    logging.basicConfig(level=logging.INFO)
    offset = 0
    async with httpx.AsyncClient(timeout=40) as client:
        while True:
            for update in await call(client, "getUpdates", offset=offset, timeout=30):
                offset = update["update_id"] + 1
                message = update.get("message") or {}
                text = message.get("text", "")
                if text == "/start":
                    reply = "Send me a text, I turn it around."
                else:
                    reply = text[::-1]
                await call(client, "sendMessage", chat_id=message["chat"]["id"], text=reply)
                log.info("answered %s", message["chat"]["id"])


asyncio.run(main())
