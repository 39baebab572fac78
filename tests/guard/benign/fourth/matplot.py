from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
import io
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from fastapi.responses import Response

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


@app.get("/chart.png")
def chart():
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.bar([i.name for i in items.values()], [i.quantity for i in items.values()])
    buf = io.BytesIO()
    fig.savefig(buf, format="png")
    plt.close(fig)
    return Response(buf.getvalue(), media_type="image/png")


@app.get("/total")
def total():
    return {"total": sum(i.price * i.quantity for i in items.values())}
