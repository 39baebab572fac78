from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Ticket(BaseModel):
    subject: str = Field(min_length=1, max_length=80)
    priority: int | None = None
    state: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Tickets")
rows: list[Ticket] = []

@app.get("/tickets")
def listing(limit: int = Query(20, le=100)) -> list[Ticket]:
    return rows[:limit]

@app.post("/tickets", status_code=201)
def create(item: Ticket) -> Ticket:
    rows.append(item)
    return item

@app.get("/tickets/{index}")
def show(index: int) -> Ticket:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such ticket") from None
