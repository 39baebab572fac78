from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Expense(BaseModel):
    label: str = Field(min_length=1, max_length=80)
    amount: int | None = None
    day: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Expenses")
rows: list[Expense] = []

@app.get("/expenses")
def listing(limit: int = Query(20, le=100)) -> list[Expense]:
    return rows[:limit]

@app.post("/expenses", status_code=201)
def create(item: Expense) -> Expense:
    rows.append(item)
    return item

@app.get("/expenses/{index}")
def show(index: int) -> Expense:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such expense") from None
