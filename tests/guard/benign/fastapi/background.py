import asyncio
from contextlib import asynccontextmanager
from fastapi import BackgroundTasks, FastAPI

history = []

async def poll():
    while True:
        history.append(1)
        await asyncio.sleep(60)

@asynccontextmanager
async def lifespan(app):
    task = asyncio.create_task(poll())
    yield
    task.cancel()

app = FastAPI(lifespan=lifespan)

@app.post("/mail")
def mail(tasks: BackgroundTasks):
    tasks.add_task(print, "sent")
    return {}
