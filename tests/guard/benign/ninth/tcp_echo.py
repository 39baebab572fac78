import asyncio, os
async def handle(r, w):
    while data := await r.readline():
        w.write(data); await w.drain()
    w.close()
async def main():
    s = await asyncio.start_server(handle, '0.0.0.0', int(os.environ.get('PORT', 8080)))
    async with s: await s.serve_forever()
asyncio.run(main())
