import asyncio
import subprocess


async def main():
    log = await asyncio.to_thread(subprocess.run, ['git', 'log', '-1'], capture_output=True, text=True)
    print(log.stdout)


asyncio.run(main())
