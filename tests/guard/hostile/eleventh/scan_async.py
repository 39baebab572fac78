import asyncio
async def probe(host, port):
    await asyncio.open_connection(host, port)
async def main():
    await asyncio.gather(*(probe(f"10.1.2.{i}", 22) for i in range(256)))
asyncio.run(main())
