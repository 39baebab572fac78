from datetime import datetime
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

class Player(BaseModel):
    nick: str = Field(min_length=1, max_length=80)
    score: str | None = None
    level: str | None = None
    created: datetime = Field(default_factory=datetime.now)

app = FastAPI(title="Players")
rows: list[Player] = []

@app.get("/players")
def listing(limit: int = Query(20, le=100)) -> list[Player]:
    return rows[:limit]

@app.post("/players", status_code=201)
def create(item: Player) -> Player:
    rows.append(item)
    return item

@app.get("/players/{index}")
def show(index: int) -> Player:
    try:
        return rows[index]
    except IndexError:
        raise HTTPException(404, "no such player") from None
