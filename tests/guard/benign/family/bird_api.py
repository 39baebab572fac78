from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Bird(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    wingspan: float | None = None
    color: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Birds")
rows: list[Bird] = []

@app.get("/birds")
def listing(limit: int = Query(20, le=100)) -> list[Bird]:
    return rows[:limit]

@app.post("/birds", status_code=201)
def create(item: Bird) -> Bird:
    rows.append(item)
    return item

@app.get("/birds/{index}")
def show(index: int) -> Bird:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such bird") from None
