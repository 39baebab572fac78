from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Room(BaseModel):
    label: str = Field(min_length=1, max_length=80)
    seats: str | None = None
    floor: float | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Rooms")
rows: list[Room] = []

@app.get("/rooms")
def listing(limit: int = Query(20, le=100)) -> list[Room]:
    return rows[:limit]

@app.post("/rooms", status_code=201)
def create(item: Room) -> Room:
    rows.append(item)
    return item

@app.get("/rooms/{index}")
def show(index: int) -> Room:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such room") from None
