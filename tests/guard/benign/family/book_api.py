from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Book(BaseModel):
    title: str = Field(min_length=1, max_length=80)
    author: str | None = None
    year: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Books")
rows: list[Book] = []

@app.get("/books")
def listing(limit: int = Query(20, le=100)) -> list[Book]:
    return rows[:limit]

@app.post("/books", status_code=201)
def create(item: Book) -> Book:
    rows.append(item)
    return item

@app.get("/books/{index}")
def show(index: int) -> Book:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such book") from None
