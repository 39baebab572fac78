from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
import os
from openai import OpenAI
client = OpenAI(api_key=os.environ.get("OPENAI_API_KEY"))

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


@app.post("/summary")
def summary(text: str):
    out = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
    return {"summary": out.choices[0].message.content}


@app.get("/total")
def total():
    return {"total": sum(i.price * i.quantity for i in items.values())}
