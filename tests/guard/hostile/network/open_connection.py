import asyncio

async def main():
    r, w = await asyncio.open_connection('relay.example.net', 9001)
    w.write(b'hi')
