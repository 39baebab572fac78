from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Workout(BaseModel):
    kind: str = Field(min_length=1, max_length=80)
    reps: float | None = None
    weight: int | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Workouts")
rows: list[Workout] = []

@app.get("/workouts")
def listing(limit: int = Query(20, le=100)) -> list[Workout]:
    return rows[:limit]

@app.post("/workouts", status_code=201)
def create(item: Workout) -> Workout:
    rows.append(item)
    return item

@app.get("/workouts/{index}")
def show(index: int) -> Workout:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such workout") from None
