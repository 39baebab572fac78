import os
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()

class Item(BaseModel):
    name: str
    price: float

db: dict[int, Item] = {}

@app.post("/items", status_code=201)
async def create(item: Item):
    db[len(db) + 1] = item
    return item

@app.get("/items/{key}")
async def read(key: int):
    if key not in db:
        raise HTTPException(404)
    return db[key]

if __name__ == "__main__":
    import uvicorn
    uvicorn.run(app, host="0.0.0.0", port=int(os.getenv("PORT", "8000")))
