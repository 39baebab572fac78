from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
import asyncio, json
from fastapi.responses import StreamingResponse

app = FastAPI(title="Inventory")


class Item(BaseModel):
    name: str
    price: float
    quantity: int = 0


items: dict[int, Item] = {}


@app.get("/items")
def list_items():
    return items


@app.post("/items/{item_id}", status_code=201)
def create(item_id: int, item: Item):
    if item_id in items:
        raise HTTPException(409, "exists")
    items[item_id] = item
    return item


@app.get("/events")
async def events():
    async def stream():
        n = 0
        while True:
            yield f"data: {json.dumps({'n': n, 'items': len(items)})}\n\n"
            n += 1
            await asyncio.sleep(1)
    return StreamingResponse(stream(), media_type="text/event-stream")


@app.get("/total")
def total():
    return {"total": sum(i.price * i.quantity for i in items.values())}
