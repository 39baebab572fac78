from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, status
from pydantic import BaseModel, Field
from sqlmodel import Field as Column, Session, SQLModel, create_engine, select


class Item(SQLModel, table=True):
    id: int | None = Column(default=None, primary_key=True)
    name: str = Column(index=True)
    quantity: int = 0


class NewItem(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    quantity: int = Field(ge=0)


engine = create_engine("sqlite:///inventory.db", connect_args={"check_same_thread": False})


@asynccontextmanager
async def lifespan(_app: FastAPI):
    SQLModel.metadata.create_all(engine)
    yield


def session():
    with Session(engine) as opened:
        yield opened


app = FastAPI(title="Inventory", lifespan=lifespan)
Db = Annotated[Session, Depends(session)]


@app.get("/items")
def items(db: Db, low: Annotated[int | None, Query(ge=0)] = None) -> list[Item]:
    query = select(Item)
    if low is not None:
        query = query.where(Item.quantity <= low)
    return list(db.exec(query).all())


@app.post("/items", status_code=status.HTTP_201_CREATED)
def add(new: NewItem, db: Db) -> Item:
    item = Item.model_validate(new.model_dump())
    db.add(item)
    db.commit()
    db.refresh(item)
    return item


@app.delete("/items/{item_id}", status_code=204)
def remove(item_id: int, db: Db) -> None:
    item = db.get(Item, item_id)
    if item is None:
        raise HTTPException(404, "no such item")
    db.delete(item)
    db.commit()
