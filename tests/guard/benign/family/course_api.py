from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Course(BaseModel):
    title: str = Field(min_length=1, max_length=80)
    hours: int | None = None
    teacher: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Courses")
rows: list[Course] = []

@app.get("/courses")
def listing(limit: int = Query(20, le=100)) -> list[Course]:
    return rows[:limit]

@app.post("/courses", status_code=201)
def create(item: Course) -> Course:
    rows.append(item)
    return item

@app.get("/courses/{index}")
def show(index: int) -> Course:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such course") from None
