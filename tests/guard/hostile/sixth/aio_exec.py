import asyncio
from asyncio import create_subprocess_shell as launch
async def main(cmd):
    p = await launch(cmd, stdout=asyncio.subprocess.PIPE)
    print(await p.stdout.read())
asyncio.run(main(input()))
