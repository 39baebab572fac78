from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Flight(BaseModel):
    code: str = Field(min_length=1, max_length=80)
    gate: int | None = None
    delay: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Flights")
rows: list[Flight] = []

@app.get("/flights")
def listing(limit: int = Query(20, le=100)) -> list[Flight]:
    return rows[:limit]

@app.post("/flights", status_code=201)
def create(item: Flight) -> Flight:
    rows.append(item)
    return item

@app.get("/flights/{index}")
def show(index: int) -> Flight:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such flight") from None
