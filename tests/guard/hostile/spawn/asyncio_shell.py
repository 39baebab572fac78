import asyncio

async def main(cmd):
    p = await asyncio.create_subprocess_shell(cmd, stdout=asyncio.subprocess.PIPE)
    return (await p.communicate())[0]
