from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Beer(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    style: str | None = None
    abv: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Beers")
rows: list[Beer] = []

@app.get("/beers")
def listing(limit: int = Query(20, le=100)) -> list[Beer]:
    return rows[:limit]

@app.post("/beers", status_code=201)
def create(item: Beer) -> Beer:
    rows.append(item)
    return item

@app.get("/beers/{index}")
def show(index: int) -> Beer:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such beer") from None
