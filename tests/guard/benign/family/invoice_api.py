from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Invoice(BaseModel):
    number: str = Field(min_length=1, max_length=80)
    total: int | None = None
    due: int | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Invoices")
rows: list[Invoice] = []

@app.get("/invoices")
def listing(limit: int = Query(20, le=100)) -> list[Invoice]:
    return rows[:limit]

@app.post("/invoices", status_code=201)
def create(item: Invoice) -> Invoice:
    rows.append(item)
    return item

@app.get("/invoices/{index}")
def show(index: int) -> Invoice:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such invoice") from None
