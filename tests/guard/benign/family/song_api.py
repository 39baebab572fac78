from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Song(BaseModel):
    title: str = Field(min_length=1, max_length=80)
    artist: int | None = None
    seconds: float | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Songs")
rows: list[Song] = []

@app.get("/songs")
def listing(limit: int = Query(20, le=100)) -> list[Song]:
    return rows[:limit]

@app.post("/songs", status_code=201)
def create(item: Song) -> Song:
    rows.append(item)
    return item

@app.get("/songs/{index}")
def show(index: int) -> Song:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such song") from None
