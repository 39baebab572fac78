from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Plant(BaseModel):
    species: str = Field(min_length=1, max_length=80)
    height: int | None = None
    water: float | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Plants")
rows: list[Plant] = []

@app.get("/plants")
def listing(limit: int = Query(20, le=100)) -> list[Plant]:
    return rows[:limit]

@app.post("/plants", status_code=201)
def create(item: Plant) -> Plant:
    rows.append(item)
    return item

@app.get("/plants/{index}")
def show(index: int) -> Plant:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such plant") from None
