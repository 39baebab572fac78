from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Star(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    magnitude: float | None = None
    distance: float | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Stars")
rows: list[Star] = []

@app.get("/stars")
def listing(limit: int = Query(20, le=100)) -> list[Star]:
    return rows[:limit]

@app.post("/stars", status_code=201)
def create(item: Star) -> Star:
    rows.append(item)
    return item

@app.get("/stars/{index}")
def show(index: int) -> Star:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such star") from None
