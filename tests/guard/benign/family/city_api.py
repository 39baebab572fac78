from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class City(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    country: float | None = None
    people: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Citys")
rows: list[City] = []

@app.get("/citys")
def listing(limit: int = Query(20, le=100)) -> list[City]:
    return rows[:limit]

@app.post("/citys", status_code=201)
def create(item: City) -> City:
    rows.append(item)
    return item

@app.get("/citys/{index}")
def show(index: int) -> City:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such city") from None
