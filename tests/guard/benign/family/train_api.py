from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Train(BaseModel):
    line: str = Field(min_length=1, max_length=80)
    from: int | None = None
    to: int | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Trains")
rows: list[Train] = []

@app.get("/trains")
def listing(limit: int = Query(20, le=100)) -> list[Train]:
    return rows[:limit]

@app.post("/trains", status_code=201)
def create(item: Train) -> Train:
    rows.append(item)
    return item

@app.get("/trains/{index}")
def show(index: int) -> Train:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such train") from None
