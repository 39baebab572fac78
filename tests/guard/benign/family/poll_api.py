from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Poll(BaseModel):
    question: str = Field(min_length=1, max_length=80)
    yes: float | None = None
    no: float | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Polls")
rows: list[Poll] = []

@app.get("/polls")
def listing(limit: int = Query(20, le=100)) -> list[Poll]:
    return rows[:limit]

@app.post("/polls", status_code=201)
def create(item: Poll) -> Poll:
    rows.append(item)
    return item

@app.get("/polls/{index}")
def show(index: int) -> Poll:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such poll") from None
