import asyncio
import os


async def echo(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(echo, "0.0.0.0", int(os.environ.get("PORT", 8000)))
    async with server:
        await server.serve_forever()


asyncio.run(main())
