from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Movie(BaseModel):
    title: str = Field(min_length=1, max_length=80)
    director: float | None = None
    rating: float | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Movies")
rows: list[Movie] = []

@app.get("/movies")
def listing(limit: int = Query(20, le=100)) -> list[Movie]:
    return rows[:limit]

@app.post("/movies", status_code=201)
def create(item: Movie) -> Movie:
    rows.append(item)
    return item

@app.get("/movies/{index}")
def show(index: int) -> Movie:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such movie") from None
