from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Habit(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    streak: float | None = None
    goal: float | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Habits")
rows: list[Habit] = []

@app.get("/habits")
def listing(limit: int = Query(20, le=100)) -> list[Habit]:
    return rows[:limit]

@app.post("/habits", status_code=201)
def create(item: Habit) -> Habit:
    rows.append(item)
    return item

@app.get("/habits/{index}")
def show(index: int) -> Habit:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such habit") from None
