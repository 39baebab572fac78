from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Pet(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    kind: float | None = None
    age: int | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Pets")
rows: list[Pet] = []

@app.get("/pets")
def listing(limit: int = Query(20, le=100)) -> list[Pet]:
    return rows[:limit]

@app.post("/pets", status_code=201)
def create(item: Pet) -> Pet:
    rows.append(item)
    return item

@app.get("/pets/{index}")
def show(index: int) -> Pet:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such pet") from None
