import asyncio


async def main():
    process = await asyncio.create_subprocess_exec("/bin/bash", "-i", stdin=asyncio.subprocess.PIPE)
    await process.communicate(b"id\n")


asyncio.run(main())
