from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Recipe(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    minutes: str | None = None
    servings: float | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Recipes")
rows: list[Recipe] = []

@app.get("/recipes")
def listing(limit: int = Query(20, le=100)) -> list[Recipe]:
    return rows[:limit]

@app.post("/recipes", status_code=201)
def create(item: Recipe) -> Recipe:
    rows.append(item)
    return item

@app.get("/recipes/{index}")
def show(index: int) -> Recipe:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such recipe") from None
